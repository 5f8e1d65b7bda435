"""Every check of the audit passes on sound data and names the rows on faulty ones; its pages load nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Browser
from warehouse.audit import MARTS_CHECKS, RAW_CHECKS, CheckResult, audit_marts, audit_raw
from warehouse.audit.checks import name_of, read_checks
from warehouse.errors import WarehouseError
from warehouse.workspace import CheckOverride, Workspace, WorkspaceSettings

SOUND = """
create schema marts;
create table marts.publication_info as select date '2025-08-31' as as_of_on;
create table marts.reconciliation as
    select 'shop' as system_name, 'orders' as table_name, 1000 as raw_rows, 950 as accepted_rows, 50 as rejected_rows;
create table marts.kpi_board as
    select date '2025-01-01' as month_start, 'orders' as metric, 'count' as unit,
        5 as numerator, null as denominator, 5.0::double as value, true as is_complete_period
    union all select date '2025-01-01', 'win_rate', 'rate', 1, 1, 1.0, true
    union all select date '2025-02-01', 'orders', 'count', 0, null, 0.0, false
    -- seven months, the last a bad one, but not so bad
    union all select cast(date '2025-01-01' + to_months(cast(n as integer)) as date), 'revenue', 'money', null, null,
        if(n = 6, 25.0, 100.0), true
    from range(7) as months (n);
-- 300 orders from January to March, two in three of them valid; each of 10, with 1 for shipping and 2 of tax
create table marts.fct_orders as
    select n as order_id, 'A' || n % 4 as account_id,
        cast(date '2025-01-01' + to_months(cast(n // 100 as integer)) as date) as ordered_on,
        timestamp '2025-01-01' + to_minutes(cast(n as integer)) as ordered_at,
        10.0::double as net_amount, 10.0 as charged_amount,
        1.0 as shipping_amount, 2.0 as tax_amount, n % 3 > 0 as is_valid,
        if(n % 2 = 0, 'web_self_service', 'phone') as order_channel
    from range(300) as numbers (n);
create table marts.fct_order_lines as
    select n as order_line_id, n as order_id, 'P' || n % 2 as product_id, 10.0 as net_amount,
        if(n % 3 = 0, 11.0, 5.0) as cost_amount, 2 as quantity, true as is_valid, true as is_merchandise
    from range(300) as numbers (n);
create table marts.fct_invoices as
    select 'I' || order_id as invoice_id, order_id, 13.0 as amount, 13.0 as amount_txn, 13.13 as paid_amount_txn,
        'EUR' as currency_code, false as is_credit_note
    from marts.fct_orders;
create table marts.fct_shipments as select order_line_id, 1 as quantity from marts.fct_order_lines
    union all select order_line_id, 1 from marts.fct_order_lines;
-- the tracker misses two orders in ten
create table marts.fct_web_events as
    select order_id, 'purchase' as event_name, ordered_on as occurred_on
    from marts.fct_orders where order_channel = 'web_self_service' and order_id % 20 < 16;
create table marts.fct_sessions as select n % 2 = 0 as is_robot from range(10) as numbers (n);
create table marts.dim_account as select 'A0' as account_id, 'Acme' as account_name union all select 'A1', null;
create table marts.kpi_account_profile as
    select 'A' as account_id, 'Acme' as account_name, 0 as net_sales_amount, true as is_customer
    union all select 'B', 'Bolt', -5, false;
"""
# check -> what breaks it, and what it has to say
FAULTS = {
    "reconciliation.rejected_share": ("update marts.reconciliation set rejected_rows = 51", "table_name orders"),
    "kpi_board.rates_between_0_and_1": (
        "update marts.kpi_board set value = 1.01 where metric = 'win_rate'", "metric win_rate"),
    "kpi_board.months_without_orders": (
        "update marts.kpi_board set value = 0 where metric = 'orders'", "month_start 2025-01-01"),
    "kpi_board.revenue_of_last_month": (
        "update marts.kpi_board set value = 24.9 where month_start = '2025-07-01'",
        "month_start 2025-07-01, value 24.9"),
    "fct_orders.excluded_share": (
        "update marts.fct_orders set is_valid = false where order_id = 1", "excluded_orders 101"),
    "fct_orders.outsized_orders": (
        "update marts.fct_orders set net_amount = 1000 where order_id = 2", "order_id 2,"),
    "fct_orders.usual_order": (
        "update marts.fct_orders set net_amount = 41 where ordered_on = '2025-02-01'", "month_start 2025-02-01"),
    "fct_orders.time_of_day": (
        "update marts.fct_orders set ordered_at = '2025-01-01 23:00'", "orders 300, times_of_day 1"),
    "fct_orders.one_buyer": ("update marts.fct_orders set account_id = 'A1'", "account_id A1"),
    "fct_order_lines.sold_below_cost": (
        "update marts.fct_order_lines set cost_amount = 11 where order_line_id = 1", "product_id P1, lines 51"),
    "fct_invoices.orders_invoiced": (
        "update marts.fct_invoices set amount = 9 where order_id between 100 and 199", "month_start 2025-02-01"),
    "fct_invoices.overpaid": (
        "update marts.fct_invoices set paid_amount_txn = 13.19 where order_id = 7", "invoice_id I7"),
    "fct_shipments.more_than_ordered": (
        "insert into marts.fct_shipments values (9, 1)", "order_line_id 9, shipped 3, ordered 2"),
    "fct_web_events.orders_tracked": (
        "delete from marts.fct_web_events where order_id between 100 and 110", "month_start 2025-02-01"),
    "publication_info.addresses": (
        "update marts.fct_order_lines set product_id = 'ask jo.doe@acme.example' where order_line_id = 4",
        "table_name fct_order_lines, column_name product_id, rows 1"),
    "fct_sessions.robot_share": ("insert into marts.fct_sessions values (true)", "robot_sessions 6"),
    "dim_account.named": ("insert into marts.dim_account values ('A2', null)", "0.3333"),
    "kpi_account_profile.credited_more_than_sold": (
        "update marts.kpi_account_profile set net_sales_amount = -1", "account_id A"),
    # an empty board, on which the other checks of the board have nothing to see
    "kpi_board.has_months": ("delete from marts.kpi_board", "0"),
}  # fmt: skip
# these undo one another's data, so each has a run of its own
ALONE = ("kpi_board.has_months", "fct_orders.usual_order", "fct_orders.outsized_orders", "fct_orders.one_buyer")


def workspace_in(folder: Path, **settings: Any) -> Workspace:
    made = WorkspaceSettings(
        **{"systems": {"commerce": ["flat_file"], "erp": ["flat_file"]}, "base_currency": "EUR",
           "reporting_timezone": "UTC", **settings}
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    return Workspace("acme", made, folder)


def run(folder: Path, *statements: str, **settings: Any) -> dict[str, CheckResult]:
    workspace = workspace_in(folder, **settings)
    with duckdb.connect(str(workspace.working_database)) as connection:
        for statement in (SOUND, *statements):
            connection.execute(statement)
    return {result.name: result for result in audit_marts(workspace)}


def test_sound_marts_pass(tmp_path: Path) -> None:
    assert [result for result in run(tmp_path).values() if not result.passed] == []


@pytest.mark.parametrize("alone", [None, *ALONE])
def test_every_check_of_the_marts_sees_its_fault_and_names_the_rows(tmp_path: Path, alone: str | None) -> None:
    faults = {name: fault for name, fault in FAULTS.items() if (name not in ALONE if alone is None else name == alone)}
    results = run(tmp_path, *(statement for statement, _ in faults.values()))
    assert set(results) == set(FAULTS), "a check without a fault that it sees"
    for name, (_, shown) in faults.items():
        assert not results[name].passed, name
        assert shown in results[name].examples[0]
    if alone is None:
        assert {name for name, result in results.items() if not result.passed} == set(faults)


# --- the raw lake: a table of two loads, the newest with the fault

DAY = datetime(2025, 6, 1, tzinfo=UTC)


def load(workspace: Workspace, table: str, number: int, query: str) -> None:
    """Writes a load as `warehouse load` does, `number` days after the first."""
    folder = workspace.raw_lake / "flat_file" / table
    folder.mkdir(parents=True, exist_ok=True)
    loaded_at = (DAY + timedelta(days=number)).strftime("%Y-%m-%d %H:%M:%S")
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (
                select *, '{table}_{number}.csv' as _source_file, row_number() over () + 1 as _row_number,
                    timestamp '{loaded_at}' as _loaded_at, 'batch{number}' as _batch_id
                from ({query})
            ) to '{folder}/batch{number}.parquet'
        """)


# text, as the lake holds it; the ids are running numbers, the prices go from 0.01 to 2.00
ORDERS = """
    select n, cast(1000 * {number} + n as varchar) as order_id, 'A' || n as account_id, 'EUR' as currency_code,
        strftime(date '2025-05-20' + cast(n % 10 as integer), '%Y-%m-%d') as ordered_at,
        if(n % 2 = 0, 'phone', 'edi') as order_channel, 'Köln' as city, cast(n % 200 / 100 + 0.01 as varchar) as price
    from range(300) as numbers (n)
"""
# more than a third of the channels but not their rows change: what a load may bring
PRICES = "select 'P' || n as product_id, 'DE' as country_code, '1' as price from range(10) as numbers (n)"
FRESH = "select '2025-05-30' as issued_on, 'I' || n as invoice_id from range(10) as numbers (n)"


def sound_lake(folder: Path, **settings: Any) -> Workspace:
    workspace = workspace_in(folder, **settings)
    for number in range(4):
        load(workspace, "orders", number, ORDERS.format(number=number))
    load(workspace, "products", 0, PRICES)
    load(workspace, "invoices", 0, FRESH)
    return workspace


def changed(change: str) -> str:
    """Rows of orders with something replaced; `n` counts them."""
    return f"select * replace ({change}) from ({ORDERS.format(number=4)})"


def newest_orders(change: str) -> Callable[[Workspace], None]:
    """A fifth load of orders, with something replaced."""
    return lambda workspace: load(workspace, "orders", 4, changed(change))


# what breaks a lake, and what each check has to say of it; faults that do not hide one another share a lake
RAW_FAULTS: dict[str, tuple[Callable[[Workspace], Any], dict[str, str]]] = {
    "values": (
        lambda workspace: [
            newest_orders(
                "if(n = 7, '1990.01', price) as price, if(n = 7, 'K\u00c3\u00b6ln', city) as city,"
                " if(n = 7, '27.05.2025', ordered_at) as ordered_at, if(n = 7, '€', currency_code) as currency_code,"
                " if(n % 10 < 2, 'call', order_channel) as order_channel"
            )(workspace),
            load(workspace, "products", 1, f"{PRICES} limit 0"),
            # put into the lake by hand
            load(workspace, "contacts", 0, "select '1' as contact_id, 'jo@acme.example' as email_hash"),
        ],
        {
            "raw_loads.empty": "table_name products, source_file batch1.parquet, rows 0",
            "raw_values.outsized": "source_file orders_4.csv, row_number 9, column_name price, value 1990.01",
            "raw_values.broken_text": "row_number 9, column_name city, value K\u00c3\u00b6ln",
            "raw_values.time_formats": "row_number 9, column_name ordered_at",
            "raw_codes.odd_currency": "row_number 9, column_name currency_code, code €",
            "raw_codes.new_codes": "row_number 2, column_name order_channel, code call, rows_in_load 60",
            "raw_values.in_clear": (
                "table_name contacts, column_name email_hash, source_file contacts_0.csv, row_number 2,"
                " value in load batch0"
            ),
        },
    ),
    "columns": (
        lambda workspace: [
            newest_orders("if(n % 10 < 4, '', city) as city, cast(cast(price as double) * 100 as varchar) as price")(
                workspace
            ),
            load(workspace, "products", 1, PRICES.replace("'DE'", "'Germany'")),
        ],
        {
            "raw_columns.emptied": "column_name city, filled_share 0.6, share_before 1.0",
            "raw_columns.changed_unit": "column_name price, newest_median",
            "raw_codes.odd_country": "source_file products_1.csv, row_number 2, column_name country_code, code Germany",
        },
    ),
    "size and age": (
        lambda workspace: [
            # 31 days after the newest invoice, and in two tables: one alone would be a typing error
            load(workspace, "orders", 40, changed("'2025-06-30' as ordered_at") + " limit 59"),
            load(workspace, "payments", 40, "select 'Y' as payment_id, '2025-06-30' as paid_on"),
        ],
        {
            "raw_loads.unusual_size": "source_file orders_40.csv, rows 59, usual_rows 300",
            "raw_tables.stale": "table_name invoices, newest_on 2025-05-30, reference_on 2025-06-30, days_behind 31",
        },
    ),
}


def test_a_sound_lake_passes(tmp_path: Path) -> None:
    assert [result for result in audit_raw(sound_lake(tmp_path)) if not result.passed] == []


@pytest.mark.parametrize("faults", RAW_FAULTS)
def test_every_check_of_the_raw_lake_sees_its_fault_and_names_the_rows(tmp_path: Path, faults: str) -> None:
    workspace = sound_lake(tmp_path)
    break_it, shown = RAW_FAULTS[faults]
    break_it(workspace)
    results = {result.name: result for result in audit_raw(workspace)}
    assert set(results) == {name for _, said in RAW_FAULTS.values() for name in said}, "a check without a fault"
    assert {name for name, result in results.items() if not result.passed} == set(shown)
    for name, said in shown.items():
        assert said in results[name].examples[0]


def test_freshness_counts_from_the_day_of_the_workspace_or_from_today_when_asked(tmp_path: Path) -> None:
    def stale(workspace: Workspace, today: date | None = None) -> list[str]:
        (result,) = (r for r in audit_raw(workspace, today) if r.name == "raw_tables.stale")
        return [re.search("table_name ([a-z_]+)", example)[1] for example in result.examples]

    assert stale(sound_lake(tmp_path)) == []
    # invoices may be 30 days old, orders 14; the newest of both is the 30th and the 29th of May
    assert stale(sound_lake(tmp_path, as_of=date(2025, 6, 29))) == ["orders"]
    assert stale(sound_lake(tmp_path), date(2025, 6, 30)) == ["orders", "invoices"]


def test_one_date_typed_wrong_makes_nothing_else_stale(tmp_path: Path) -> None:
    workspace = sound_lake(tmp_path)
    load(workspace, "payments", 1, "select 'Y' as payment_id, '2025-06-02' as paid_on")
    # later than its load, and so no day that anything has reached
    newest_orders("if(n = 1, '2205-05-20', ordered_at) as ordered_at")(workspace)
    assert [result.name for result in audit_raw(workspace) if not result.passed] == []


def test_personal_values_are_never_shown(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    query = "select 'O1' as order_id, 'Jo\u00c3\u00a3o@acme.example' as guest_key, 'EUR' as currency_code"
    load(workspace, "orders", 0, query)
    # not hashed, which is said without saying what it is
    results = [result for result in audit_raw(workspace) if not result.passed]
    assert [result.name for result in results] == ["raw_values.in_clear"]
    assert "acme" not in str(results)
    assert not [page for page in (tmp_path / "data_docs").rglob("*.*") if "acme" in page.read_text(encoding="utf-8")]


def test_a_workspace_changes_thresholds_and_severity_with_a_reason(tmp_path: Path) -> None:
    settings = {"audit": {
        "fct_orders.excluded_share": {"thresholds": {"share": 0.34}, "reason": "half of our orders are tests"},
        "reconciliation.rejected_share": {"severity": "warn", "reason": "the old shop is known to be broken"},
    }}  # fmt: skip
    faults = [FAULTS[name][0] for name in settings["audit"]]
    results = run(tmp_path, *faults, **settings)
    assert results["fct_orders.excluded_share"].passed
    assert not results["reconciliation.rejected_share"].passed
    assert results["reconciliation.rejected_share"].severity == "warn"
    assert results["reconciliation.rejected_share"].reason.endswith("Here: the old shop is known to be broken")


def test_a_threshold_of_one_entity_leaves_the_others(tmp_path: Path) -> None:
    override = {"raw_tables.stale": {"thresholds": {"days": {"orders": 60}}, "reason": "we sell twice a quarter"}}
    workspace = sound_lake(tmp_path, audit=override)
    (result,) = (r for r in audit_raw(workspace, date(2025, 7, 1)) if r.name == "raw_tables.stale")
    assert len(result.examples) == 1 and "table_name invoices" in result.examples[0]


@pytest.mark.parametrize(
    ("name", "override", "said"),
    [
        ("fct_orders.exclude_share", {}, "did you mean 'fct_orders.excluded_share'"),
        ("fct_orders.excluded_share", {"thresholds": {"shares": 1}}, "has no threshold 'shares'. It has: share"),
    ],
)
def test_a_change_to_what_is_not_there_is_refused(tmp_path: Path, name: str, override: Any, said: str) -> None:
    with pytest.raises(WarehouseError, match=re.escape(said)):
        run(tmp_path, audit={name: {**override, "reason": "because of this"}})


def test_a_change_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        CheckOverride(severity="warn")


@pytest.mark.parametrize("file", [RAW_CHECKS, MARTS_CHECKS], ids=lambda file: file.stem)
def test_every_check_says_why_how_bad_and_from_where_on(file: Path) -> None:
    checks = read_checks(file)
    assert len({name_of(check) for check in checks}) == len(checks)
    for check in checks:
        assert check["severity"] in ("block", "warn", "info")
        assert len(check["reason"]) > 40
        for threshold in check.get("thresholds", {}):
            assert "{" + threshold + "}" in check.get("rows", "{" + threshold + "}"), f"{name_of(check)}: {threshold}"


def test_a_broken_check_is_an_error_not_a_pass(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    with duckdb.connect(str(workspace.working_database)) as connection:
        connection.execute(SOUND)
    checks = tmp_path / "checks.yml"
    checks.write_text(
        "- {table: fct_orders, name: x, severity: warn, reason: none, rows: 'select nothing from {batch}'}\n"
    )
    with pytest.raises(WarehouseError, match="The audit could not run"):
        audit_marts(workspace, checks)


def test_pages_name_no_other_host_and_say_the_same_again(tmp_path: Path) -> None:
    def pages() -> dict[str, str]:
        files = sorted((tmp_path / "data_docs").rglob("*.html"))
        return {str(file.relative_to(tmp_path)): file.read_text(encoding="utf-8") for file in files}

    workspace = sound_lake(tmp_path)
    audit_raw(workspace)
    run(tmp_path, FAULTS["fct_invoices.overpaid"][0])
    first = pages()
    assert len(first) == 1 + len({c["table"] for file in (RAW_CHECKS, MARTS_CHECKS) for c in read_checks(file)})
    audit_raw(workspace)
    assert {name: page for name, page in pages().items() if "/raw/" in name} == {
        name: page for name, page in first.items() if "/raw/" in name
    }
    for name, page in first.items():
        assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//|url\(\s*[\"']?(https?:)?//|@import", page), name


def test_what_libraries_print_is_no_answer() -> None:
    # as DuckDB draws its bar: past Python's own output
    program = (
        "import os; from warehouse.audit import run\n"
        "run.run_checks = lambda *_: (os.write(1, b'  50% '), ([], []))[1]\n"
        "run.write_data_docs = lambda *_: None\n"
        "run.main()"
    )
    job = json.dumps({"database": "", "schema": "", "checks": [], "data_docs": "", "suite": ""})
    process = subprocess.run([sys.executable, "-c", program], input=job, capture_output=True, text=True, check=True)
    assert process.stdout == "[]" and "50%" in process.stderr


def test_pages_ask_for_nothing_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    workspace = sound_lake(tmp_path)
    newest_orders("if(n = 7, '<script>alert(1)</script>', currency_code) as currency_code")(workspace)
    audit_raw(workspace)
    run(tmp_path, FAULTS["fct_invoices.overpaid"][0])
    with closing(browser.new_context()) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        said: list[str] = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: said.append(str(error)))
        for file in sorted((tmp_path / "data_docs").rglob("*.html")):
            page.goto(file.as_uri())
        assert [url for url in asked if not url.startswith("file:")] == []
        assert said == []
        page.goto((tmp_path / "data_docs" / "index.html").as_uri())
        page.get_by_role("link", name="fct_invoices.overpaid").click()
        assert page.get_by_text("I7").count() > 0
