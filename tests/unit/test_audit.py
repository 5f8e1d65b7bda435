"""Every check of the audit passes on sound marts and names the rows on faulty ones."""

from pathlib import Path

import duckdb
import pytest
import yaml
from warehouse.audit import CHECKS_FILE, audit
from warehouse.audit.result import CheckResult
from warehouse.errors import WarehouseError
from warehouse.workspace import Workspace, WorkspaceSettings

SOUND = """
create schema marts;
create table marts.reconciliation as
    select 'shop' as system_name, 'orders' as table_name, 1000 as raw_rows, 950 as accepted_rows, 50 as rejected_rows;
create table marts.kpi_board as
    select date '2025-01-01' as month_start, 'orders' as metric, 'count' as unit,
        5 as numerator, null as denominator, 5.0::double as value, true as is_complete_period
    union all select date '2025-01-01', 'win_rate', 'rate', 1, 1, 1.0, true
    union all select date '2025-02-01', 'orders', 'count', 0, null, 0.0, false;
create table marts.fct_orders as
    select n as order_id, 'A' as account_id, date '2025-01-01' as ordered_on, 10 as net_amount, n % 3 > 0 as is_valid
    from range(300) as numbers (n);
create table marts.fct_sessions as select n % 2 = 0 as is_robot from range(10) as numbers (n);
create table marts.kpi_account_profile as
    select 'A' as account_id, 'Acme' as account_name, 0 as net_sales_amount, true as is_customer
    union all select 'B', 'Bolt', -5, false;
"""
FAULTS = {
    "reconciliation.rejected_share": ("update marts.reconciliation set rejected_rows = 51", "table_name orders"),
    "kpi_board.has_months": ("delete from marts.kpi_board", "0"),
    "kpi_board.rates_between_0_and_1": (
        "update marts.kpi_board set value = 1.01 where metric = 'win_rate'", "metric win_rate"),
    "kpi_board.months_without_orders": (
        "update marts.kpi_board set value = 0 where metric = 'orders'", "month_start 2025-01-01"),
    "fct_orders.excluded_share": (
        "update marts.fct_orders set is_valid = false where order_id = 1", "excluded_orders 101"),
    "fct_orders.outsized_orders": (
        "update marts.fct_orders set net_amount = 1000 where order_id = 2", "order_id 2"),
    "fct_sessions.robot_share": ("insert into marts.fct_sessions values (true)", "robot_sessions 6"),
    "kpi_account_profile.credited_more_than_sold": (
        "update marts.kpi_account_profile set net_sales_amount = -1", "account_id A"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audit")


def run(folder: Path, name: str, *statements: str) -> dict[str, CheckResult]:
    settings = WorkspaceSettings(systems={}, base_currency="EUR", reporting_timezone="UTC")
    workspace = Workspace(name, settings, folder / name)
    workspace.folder.mkdir()
    with duckdb.connect(str(workspace.working_database)) as connection:
        for statement in (SOUND, *statements):
            connection.execute(statement)
    return {result.name: result for result in audit(workspace)}


def test_sound_marts_pass(folder: Path) -> None:
    assert [result.name for result in run(folder, "sound").values() if not result.passed] == []


def test_every_check_sees_its_fault_and_names_the_rows(folder: Path) -> None:
    # has_months needs an empty board, on which the other checks of the board have nothing to see
    empty = run(folder, "empty", FAULTS["kpi_board.has_months"][0])
    faulty = run(folder, "faulty", *(sql for name, (sql, _) in FAULTS.items() if name != "kpi_board.has_months"))
    results = {**faulty, "kpi_board.has_months": empty["kpi_board.has_months"]}
    assert set(results) == set(FAULTS), "a check without a fault that it sees"
    for name, (_, shown) in FAULTS.items():
        assert not results[name].passed, name
        assert shown in results[name].examples[0]


def test_every_check_says_why_and_how_bad(folder: Path) -> None:
    for check in yaml.safe_load(CHECKS_FILE.read_text(encoding="utf-8")):
        assert check["severity"] in ("block", "warn")
        assert len(check["reason"]) > 40


def test_a_broken_check_is_an_error_not_a_pass(folder: Path, tmp_path: Path) -> None:
    settings = WorkspaceSettings(systems={}, base_currency="EUR", reporting_timezone="UTC")
    workspace = Workspace("broken", settings, folder / "broken")
    workspace.folder.mkdir()
    with duckdb.connect(str(workspace.working_database)) as connection:
        connection.execute(SOUND)
    checks = tmp_path / "checks.yml"
    checks.write_text(
        "- {table: fct_orders, name: x, severity: warn, reason: none, rows: 'select nothing from {batch}'}\n"
    )
    with pytest.raises(WarehouseError, match="The audit could not run"):
        audit(workspace, checks)
