"""The demo company: the same bytes every time, and what docs/demo_company.md says is planted is there.

Everything is read from the seeds as text, as a system would have exported them, and worked out here without the
warehouse.
"""

import csv
import itertools
import math
import statistics
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scratch import rows_of
from warehouse.demo import generate, write_lake, write_seeds
from warehouse.demo.accounts import (
    CLOCK_CHANGES,
    DEEP_DISCOUNTER,
    LOST_KEY_ACCOUNT,
    NOT_RESEARCHED,
    OVERDUE,
    RESEARCHED,
    SUMMER_PAUSE,
    TESTERS,
    UNKNOWN,
)
from warehouse.demo.assortment import CATALOGS, CUTS, ELASTICITIES, FREIGHT
from warehouse.demo.dirty import (
    BAD_QUANTITY_ORDER,
    NEGATIVE_PRICE_ORDER,
    REPEATED_LINE_ORDER,
    REPEATED_ORDER,
)
from warehouse.demo.tables import COLUMNS
from warehouse.demo.timeline import utc_from_local
from warehouse.demo.web import EXPERIMENT, EXPERIMENT_ENDS, NULL_EXPERIMENT
from warehouse.project import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
AS_OF = date(2026, 9, 18)
OFFLINE = ("phone", "email", "sales_rep")
ORDER_PREFIX = "SO-1"
Row = dict[str, str]


@cache
def read(system: str, table: str) -> list[Row]:
    with (SEEDS / system / f"{system}__{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def orders() -> dict[str, Row]:
    """Sound orders by number; of a repeated number the first."""
    found: dict[str, Row] = {}
    for row in read("demo_shop", "orders"):
        if row["order_no"].startswith(ORDER_PREFIX):
            found.setdefault(row["order_no"], row)
    return found


@cache
def lines() -> list[Row]:
    """Sound lines of sound orders, each once."""
    rows = {(row["order_no"], row["line_no"]): row for row in read("demo_shop", "order_lines")}
    return [row for (order, line), row in rows.items() if order in orders() and line not in ("91", "92")]


@cache
def events() -> list[Row]:
    """Web events, each once."""
    return list({row["event_id"]: row for row in read("demo_web", "events")}.values())


def day_of(row: Row) -> date:
    return date.fromisoformat(row["placed"][:10])


def order_days(account: str) -> list[date]:
    return sorted(day_of(row) for row in orders().values() if row["account_no"] == account)


def gaps(days: list[date]) -> list[int]:
    return [(later - earlier).days for earlier, later in itertools.pairwise(days)]


def occurred(event: Row) -> datetime:
    return datetime.fromisoformat(event["occurred"])


def is_robot(event: Row) -> bool:
    return event["visitor_id"].startswith("r")


# --- the files ---


def test_committed_seeds_are_what_the_generator_writes(tmp_path: Path) -> None:
    for path in write_seeds(tmp_path):
        committed = SEEDS / path.relative_to(tmp_path)
        assert committed.read_bytes() == path.read_bytes(), f"{committed} differs: run `make demo-seeds`"


def test_another_seed_is_another_company_with_the_same_planted_accounts() -> None:
    other = generate(seed=7)["demo_shop", "orders"].records()
    days = [row["placed"][:10] for row in other if row["account_no"] == OVERDUE]
    assert days == [day.isoformat() for day in order_days(OVERDUE)]
    assert {row["placed"] for row in other} != {row["placed"] for row in read("demo_shop", "orders")}


def test_seeds_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in SEEDS.rglob("*.csv")}
    assert max(sizes.values()) < 3_800_000
    assert sum(sizes.values()) < 9_000_000


def test_lines_end_as_on_unix_and_columns_are_the_agreed_ones() -> None:
    for (system, table), columns in COLUMNS.items():
        content = (SEEDS / system / f"{system}__{table}.csv").read_bytes()
        assert b"\r" not in content
        assert content.split(b"\n", 1)[0].decode() == ",".join(columns)


def test_the_rule_for_summer_time_is_that_of_the_time_zone_database() -> None:
    # every half hour of three years; ambiguous times are read as standard time
    start = datetime(2024, 1, 1)
    moments = [start + timedelta(minutes=30 * number) for number in range(3 * 366 * 48)]
    ours = utc_from_local(np.array(moments, dtype="datetime64[ms]")).tolist()
    warsaw = ZoneInfo("Europe/Warsaw")
    theirs = [m.replace(tzinfo=warsaw, fold=1).astimezone(UTC).replace(tzinfo=None) for m in moments]
    # a local time that is skipped in spring moves on by an hour, with which the database disagrees
    skipped = [m for m, a, b in zip(moments, ours, theirs, strict=True) if a != b]
    assert {(m.month, m.hour) for m in skipped} <= {(3, 2)}


# --- a company at scale ---


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, str], int]]:
    folder = tmp_path_factory.mktemp("lake")
    return folder, write_lake(folder, scale=3)


def test_scale_three_is_three_times_as_large(lake: tuple[Path, dict[tuple[str, str], int]]) -> None:
    _, rows = lake
    for name in [("demo_crm", "accounts"), ("demo_shop", "orders"), ("demo_shop", "order_lines"),
                 ("demo_web", "events"), ("demo_erp", "invoices"), ("demo_service", "tickets")]:  # fmt: skip
        assert 2.6 < rows[name] / len(read(*name)) < 3.3, name


# What becomes of people on the way into a lake: columns that are dropped, and the domains beside hashed addresses.
AS_LANDED = {
    ("demo_crm", "contacts"): ({"full_name", "phone"}, {"email_domain"}),
    ("demo_crm", "reps"): ({"email"}, set()),
    ("demo_shop", "orders"): (set(), {"guest_email_domain"}),
}


def test_the_lake_has_the_columns_of_the_seeds_and_begins_with_their_rows(
    lake: tuple[Path, dict[tuple[str, str], int]],
) -> None:
    folder, _ = lake
    for (system, table), columns in COLUMNS.items():
        files = f"{folder}/{system}/{table}/part-*.parquet"
        described = rows_of(f"describe select * from '{files}'")
        dropped, added = AS_LANDED.get((system, table), (set(), set()))
        landed = set(columns) - dropped | added
        assert {(column, "VARCHAR") for column in landed} <= {(row[0], row[1]) for row in described}
        assert {row[0] for row in described} - landed == {"_loaded_at", "_source_file", "_batch_id", "_row_number"}
    first = rows_of(
        "select * exclude (_loaded_at, _source_file, _batch_id, _row_number, guest_email, guest_email_domain)"
        f" from '{folder}/demo_shop/orders/*.parquet' order by _row_number limit 500"
    )
    expected = [
        tuple(value or None for name, value in row.items() if name != "guest_email")
        for row in read("demo_shop", "orders")[:500]
    ]
    assert first == expected


@pytest.mark.parametrize(
    ("system", "table", "key", "repeated"),
    [
        ("demo_crm", "accounts", "account_no", 0),
        ("demo_crm", "contacts", "contact_no", 0),
        ("demo_crm", "leads", "lead_no", 0),
        ("demo_crm", "opportunities", "deal_no", 0),
        ("demo_crm", "activities", "activity_no", 0),
        ("demo_crm", "agreements", "agreement_no", 0),
        ("demo_shop", "orders", "order_no", 1),
        ("demo_shop", "order_lines", "order_no || ':' || line_no", 1),
        ("demo_shop", "returns", "return_no", 0),
        ("demo_shop", "quotes", "quote_no", 0),
        ("demo_shop", "quote_events", "quote_no || ':' || event_no", 0),
        ("demo_shop", "approvals", "approval_no", 0),
        ("demo_web", "events", "event_id", 75),
        ("demo_web", "experiments", "experiment || ':' || unit", 0),
        ("demo_marketing", "emails", "event_no", 0),
        ("demo_erp", "shipments", "shipment_no", 0),
        ("demo_erp", "invoices", "invoice_no", 0),
        ("demo_erp", "payments", "payment_no", 0),
        ("demo_erp", "receipts", "receipt_no", 0),
        ("demo_service", "tickets", "ticket_no", 0),
        ("demo_service", "surveys", "response_no", 0),
        ("demo_service", "reviews", "review_no", 0),
    ],
)
def test_numbers_are_unique_at_scale(
    lake: tuple[Path, dict[tuple[str, str], int]], system: str, table: str, key: str, repeated: int
) -> None:
    folder, _ = lake
    query = f"select count(*) - count(distinct {key}) from '{folder}/{system}/{table}/*.parquet'"
    assert rows_of(query) == [(repeated,)]


def test_rows_are_numbered_in_the_order_of_the_parts(lake: tuple[Path, dict[tuple[str, str], int]]) -> None:
    folder, rows = lake
    query = f"""
        select count(*), min(_row_number), max(_row_number), count(*) filter (order_no < previous)
        from (
            select *, lag(order_no) over (order by _row_number) as previous
            from '{folder}/demo_shop/orders/*.parquet' where order_no like 'SO-1%' and order_no <> '{REPEATED_ORDER}'
        )
    """
    count, first, last, disordered = rows_of(query)[0]
    assert (first, last, disordered) == (1, rows["demo_shop", "orders"], 0)
    assert count > 4000


def test_any_number_of_workers_writes_the_same_files(tmp_path: Path) -> None:
    for workers in (1, 2):
        write_lake(tmp_path / f"it's {workers}", scale=1.05, workers=workers)
    files = sorted(path.relative_to(tmp_path / "it's 1") for path in tmp_path.glob("it's 1/*/*/*.parquet"))
    assert len(files) == len(COLUMNS)
    for file in files:
        assert (tmp_path / "it's 1" / file).read_bytes() == (tmp_path / "it's 2" / file).read_bytes()


def test_part_of_a_company_has_the_planted_accounts() -> None:
    tables = generate(scale=0.25)
    accounts = {row["account_no"] for row in tables["demo_crm", "accounts"].records()}
    assert len(accounts) < 90
    assert {OVERDUE, SUMMER_PAUSE, LOST_KEY_ACCOUNT, TESTERS, *RESEARCHED} <= accounts


def test_a_scale_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        generate(scale=0)


# --- references ---


@pytest.mark.parametrize(
    ("child", "column", "parent", "key", "documented"),
    [
        (("demo_crm", "accounts"), "parent_account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_crm", "accounts"), "owner_rep_no", ("demo_crm", "reps"), "rep_no", set()),
        (("demo_crm", "account_versions"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_crm", "contacts"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_crm", "leads"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_crm", "leads"), "campaign_no", ("demo_marketing", "campaigns"), "campaign_no", set()),
        (("demo_crm", "opportunities"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_crm", "opportunities"), "lead_no", ("demo_crm", "leads"), "lead_no", set()),
        (("demo_crm", "opportunities"), "sku", ("demo_shop", "products"), "sku", set()),
        (("demo_crm", "stages"), "deal_no", ("demo_crm", "opportunities"), "deal_no", set()),
        (("demo_crm", "activities"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_crm", "activities"), "deal_no", ("demo_crm", "opportunities"), "deal_no", set()),
        (("demo_crm", "agreements"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_shop", "products"), "supplier_no", ("demo_shop", "suppliers"), "supplier_no", set()),
        (("demo_shop", "catalog_prices"), "sku", ("demo_shop", "products"), "sku", set()),
        (("demo_shop", "catalog_assignments"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
        (("demo_shop", "orders"), "account_no", ("demo_crm", "accounts"), "account_no", {UNKNOWN}),
        (("demo_shop", "orders"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_shop", "orders"), "rep_no", ("demo_crm", "reps"), "rep_no", set()),
        (("demo_shop", "orders"), "quote_no", ("demo_shop", "quotes"), "quote_no", set()),
        (("demo_shop", "orders"), "catalog_code", ("demo_shop", "catalogs"), "catalog_code", set()),
        (("demo_shop", "orders"), "visitor_id", ("demo_web", "events"), "visitor_id", set()),
        (("demo_shop", "order_lines"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_shop", "order_lines"), "sku", ("demo_shop", "products"), "sku", set()),
        (("demo_shop", "returns"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_shop", "quotes"), "deal_no", ("demo_crm", "opportunities"), "deal_no", set()),
        (("demo_shop", "quotes"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_shop", "quote_events"), "quote_no", ("demo_shop", "quotes"), "quote_no", set()),
        (("demo_shop", "approvals"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_web", "events"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_web", "events"), "quote_no", ("demo_shop", "quotes"), "quote_no", set()),
        (("demo_web", "events"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_web", "events"), "sku", ("demo_shop", "products"), "sku", set()),
        (("demo_web", "events"), "campaign", ("demo_marketing", "campaigns"), "campaign_no", set()),
        (("demo_web", "experiments"), "unit", ("demo_web", "events"), "visitor_id", set()),
        (("demo_marketing", "ad_spend"), "campaign_no", ("demo_marketing", "campaigns"), "campaign_no", set()),
        (("demo_marketing", "emails"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_erp", "shipments"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_erp", "invoices"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_erp", "payments"), "invoice_no", ("demo_erp", "invoices"), "invoice_no", {"INV-200001"}),
        (("demo_erp", "receipts"), "supplier_no", ("demo_shop", "suppliers"), "supplier_no", set()),
        (("demo_service", "tickets"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_service", "surveys"), "ticket_no", ("demo_service", "tickets"), "ticket_no", set()),
        (("demo_service", "reviews"), "order_no", ("demo_shop", "orders"), "order_no", set()),
    ],
    ids=lambda value: "__".join(value) if isinstance(value, tuple) else None,
)
def test_references_resolve(
    child: tuple[str, str], column: str, parent: tuple[str, str], key: str, documented: set[str]
) -> None:
    known = {row[key] for row in read(*parent)}
    used = {row[column] for row in read(*child)} - {""}
    assert used, "nothing refers to it"
    assert used - known == documented


def test_an_order_shows_the_price_of_its_catalog_on_its_day() -> None:
    periods = defaultdict(list)
    for row in read("demo_shop", "catalog_prices"):
        periods[row["catalog_code"], row["sku"]].append(row)
    checked = 0
    for line in lines():
        order = orders()[line["order_no"]]
        if line["sku"] == FREIGHT or order["currency"] != "PLN":
            continue
        day = day_of(order).isoformat()
        shown = [
            period["price"]
            for period in periods[order["catalog_code"], line["sku"]]
            if period["valid_from"] <= day <= (period["valid_to"] or "9999")
        ]
        assert shown == [line["list_unit_price"]], line
        assert float(line["unit_price"]) <= float(line["list_unit_price"])
        checked += 1
    assert checked > 3000


def test_no_invoice_is_paid_more_than_once() -> None:
    paid: Counter[str] = Counter()
    for row in read("demo_erp", "payments"):
        paid[row["invoice_no"]] += round(float(row["amount"]) * 100)
    owed = {row["invoice_no"]: round(float(row["amount"]) * 100) for row in read("demo_erp", "invoices")}
    assert all(amount <= owed[invoice] for invoice, amount in paid.items() if invoice != "INV-200001")
    open_share = 1 - sum(amount for invoice, amount in paid.items() if invoice in owed) / sum(owed.values())
    assert 0.03 < open_share < 0.25


def test_no_more_is_shipped_than_ordered() -> None:
    shipped: Counter[tuple[str, str]] = Counter()
    for row in read("demo_erp", "shipments"):
        if row["shipment_no"] != "SH-200001":
            shipped[row["order_no"], row["line_no"]] += int(row["quantity"])
    ordered = {(row["order_no"], row["line_no"]): int(row["quantity"]) for row in lines()}
    assert all(quantity <= ordered[line] for line, quantity in shipped.items())


def test_most_lines_come_on_the_day_promised() -> None:
    deliveries: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in read("demo_erp", "shipments"):
        deliveries[row["order_no"], row["line_no"]].append(row["delivered"][:10])
    supplier = {row["sku"]: row["supplier_no"] for row in read("demo_shop", "products")}
    by_month, by_supplier = defaultdict(list), defaultdict(list)
    for row in lines():
        days = deliveries.get((row["order_no"], row["line_no"]))
        if not days or not row["promised"] or row["promised"] > AS_OF.isoformat():
            continue
        # more than three days early is not on time, nor is what has still to come and names no day
        earliest = (date.fromisoformat(row["promised"]) - timedelta(days=3)).isoformat()
        is_on_time = all(earliest <= day <= row["promised"] for day in days)
        by_month[row["promised"][:7]].append(is_on_time)
        by_supplier[supplier[row["sku"]]].append(is_on_time)
    assert len(by_month) == 27
    assert all(0.80 < statistics.mean(month) < 0.95 for month in by_month.values())
    slow = statistics.mean(by_supplier.pop("S07"))
    assert slow < 0.7 < 0.8 < min(statistics.mean(others) for others in by_supplier.values() if len(others) >= 100)


# --- what is planted: customers ---


def test_one_account_is_overdue_on_a_strict_four_week_cadence() -> None:
    days = order_days(OVERDUE)
    assert set(gaps(days)) == {28} and len(days) == 21
    assert (AS_OF - days[-1]).days == 43
    # no seasonal excuse: it ordered in the same weeks of the year before
    assert [day for day in days if date(2025, 8, 7) <= day <= date(2025, 9, 18)]


def test_one_account_pauses_every_summer() -> None:
    days = order_days(SUMMER_PAUSE)
    assert statistics.median(gaps(days)) == 28
    silent = [
        (year, (date(year, 9, 18) - max(d for d in days if d < date(year, 9, 18))).days) for year in (2024, 2025, 2026)
    ]
    assert silent == [(2024, 75), (2025, 76), (2026, 77)]  # fmt: skip


def test_one_key_account_went_silent() -> None:
    days = order_days(LOST_KEY_ACCOUNT)
    assert len(days) == 36 and set(gaps(days)) <= {14}
    assert (AS_OF - days[-1]).days == 312
    scores = [
        int(row["score"])
        for row in read("demo_service", "surveys")
        if row["account_no"] == LOST_KEY_ACCOUNT and row["survey"] == "nps" and row["score"] and row["sent"] > "2025-08"
    ]
    assert scores and max(scores) <= 6


def product_visits(account: str) -> list[datetime]:
    """Log-in visits of an account in which items were looked at."""
    people = {row["contact_no"] for row in read("demo_crm", "contacts") if row["account_no"] == account}
    return [occurred(e) for e in events() if e["contact_no"] in people and e["event"] == "product_view"]


def offline_orders_with_research(accounts: tuple[str, ...]) -> list[bool]:
    found = []
    for account in accounts:
        visits = product_visits(account)
        for row in orders().values():
            if row["account_no"] == account:
                assert row["channel"] in OFFLINE
                placed = datetime.fromisoformat(row["placed"]).replace(tzinfo=UTC)
                found.append(any(timedelta(0) < placed - visit <= timedelta(days=30) for visit in visits))
    return found


def test_six_accounts_research_on_the_web_before_every_offline_order() -> None:
    found = offline_orders_with_research(RESEARCHED)
    assert len(found) > 80 and all(found)


def test_three_accounts_look_at_the_web_but_never_within_thirty_days_before() -> None:
    assert all(product_visits(account) for account in NOT_RESEARCHED)
    found = offline_orders_with_research(NOT_RESEARCHED)
    assert len(found) > 20 and not any(found)


# --- what is planted: prices, people, experiments ---


@pytest.mark.parametrize("sku", ELASTICITIES)
def test_price_elasticities_can_be_recovered(sku: str) -> None:
    rates = {"PLN": 1.0, "EUR": 4.3, "CZK": 0.172, "USD": 3.9}
    points = []
    for line in lines():
        order = orders()[line["order_no"]]
        if line["sku"] == sku and order["order_type"] == "standard":
            price = float(line["unit_price"]) * rates[order["currency"]]
            points.append((math.log(price), math.log(int(line["quantity"]))))
    x, y = np.array(points).T
    slope, intercept = np.polyfit(x, y, 1)
    error = math.sqrt(((y - slope * x - intercept) ** 2).sum() / (len(x) - 2) / ((x - x.mean()) ** 2).sum())
    assert len(points) > 200 and error < 0.06
    assert abs(slope - ELASTICITIES[sku]) < 2 * error
    listed = {row["price"] for row in read("demo_shop", "catalog_prices") if row["sku"] == sku}
    assert len(listed) >= 8


def units_and_lines(catalog: str, first: date, days: int) -> tuple[int, int]:
    """Units and order lines at a catalog's prices from a day on, price trials excepted."""
    last = first + timedelta(days=days - 1)
    quantities = []
    for line in lines():
        order = orders()[line["order_no"]]
        is_counted = order["catalog_code"] == catalog and order["order_type"] == "standard"
        if is_counted and line["sku"] not in (*ELASTICITIES, FREIGHT) and first <= day_of(order) <= last:
            quantities.append(int(line["quantity"]))
    return sum(quantities), len(quantities)


@pytest.mark.parametrize("days", [90, 109])
def test_one_price_cut_raises_volume_and_the_other_does_not(days: int) -> None:
    changes = {}
    for catalog, cut in CUTS.items():
        before, lines_before = units_and_lines(catalog, cut.starts - timedelta(days=days), days)
        after, lines_after = units_and_lines(catalog, cut.starts, days)
        changes[catalog] = (after / before, (after / lines_after) / (before / lines_before))
    units, units_a_line = changes["partner"]
    assert units > 1.7 and units_a_line > 1.7
    units, units_a_line = changes["key-account"]
    assert 0.8 < units < 1.2 and 0.85 < units_a_line < 1.15


def test_the_price_cuts_are_in_the_price_lists() -> None:
    for catalog, cut in CUTS.items():
        changed = {
            row["sku"]
            for row in read("demo_shop", "catalog_prices")
            if row["catalog_code"] == catalog and row["valid_from"] == cut.starts.isoformat()
        }
        assert len(changed - set(ELASTICITIES)) == CATALOGS[catalog][3] - len(ELASTICITIES)


def test_one_rep_discounts_too_deep() -> None:
    shown: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for line in lines():
        order = orders()[line["order_no"]]
        if order["rep_no"] and order["order_type"] == "standard":
            shown[order["rep_no"]] += int(line["quantity"]) * float(line["list_unit_price"])
            asked[order["rep_no"]] += int(line["quantity"]) * float(line["unit_price"])
    depth = {rep: 1 - asked[rep] / shown[rep] for rep in shown}
    deep = depth.pop(DEEP_DISCOUNTER)
    assert deep > 0.15 and max(depth.values()) < 0.06


def test_quotes_of_that_rep_are_cut_deeper_too() -> None:
    depths: dict[bool, list[float]] = {True: [], False: []}
    for row in read("demo_shop", "quotes"):
        assert float(row["base_value"]) > 0
        if row["negotiated_value"]:
            depth = 1 - float(row["negotiated_value"]) / float(row["base_value"])
            assert 0 <= depth < 0.3
            depths[row["rep_no"] == DEEP_DISCOUNTER].append(depth)
    assert statistics.median(depths[True]) > 0.15
    assert statistics.median(depths[False]) < 0.08


def conversions(experiment: str) -> dict[str, tuple[int, int]]:
    """Visitors and buyers after the assignment, by variant."""
    bought: dict[str, list[str]] = defaultdict(list)
    for event in events():
        if event["event"] == "purchase" and event["occurred"][:10] <= EXPERIMENT_ENDS.isoformat():
            bought[event["visitor_id"]].append(event["occurred"])
    counts = {"control": [0, 0], "treatment": [0, 0]}
    for row in read("demo_web", "experiments"):
        if row["experiment"] == experiment:
            counts[row["variant"]][0] += 1
            counts[row["variant"]][1] += any(moment >= row["assigned"] for moment in bought[row["unit"]])
    return {variant: (visitors, buyers) for variant, (visitors, buyers) in counts.items()}


def test_the_new_checkout_converts_better() -> None:
    found = conversions(EXPERIMENT)
    (seen, bought), (seen_new, bought_new) = found["control"], found["treatment"]
    assert abs(seen - seen_new) <= 1
    assert (bought_new / seen_new) / (bought / seen) == pytest.approx(62 / 38, rel=0.02)
    pooled = (bought + bought_new) / (seen + seen_new)
    z = (bought_new / seen_new - bought / seen) / math.sqrt(pooled * (1 - pooled) * (1 / seen + 1 / seen_new))
    assert z > 2.3


def test_the_other_experiment_changes_nothing() -> None:
    (seen, bought), (seen_new, bought_new) = conversions(NULL_EXPERIMENT).values()
    pooled = (bought + bought_new) / (seen + seen_new)
    z = (bought_new / seen_new - bought / seen) / math.sqrt(pooled * (1 - pooled) * (1 / seen + 1 / seen_new))
    assert abs(z) < 1.64


# --- what is planted: the tracker ---


def test_web_orders_are_reported_by_the_tracker() -> None:
    reported = {e["order_no"]: e for e in events() if e["event"] == "purchase"}
    web_orders = {number for number, row in orders().items() if row["channel"] in ("web_self_service", "web_assisted")}
    assert set(reported) == web_orders
    for number, event in reported.items():
        order = orders()[number]
        placed = datetime.fromisoformat(order["placed"]).replace(tzinfo=ZoneInfo("Europe/Warsaw"), fold=1)
        assert abs((occurred(event) - placed.astimezone(UTC)).total_seconds()) < 1
        assert (event["visitor_id"], event["contact_no"]) == (order["visitor_id"], order["contact_no"])


def test_the_tracker_begins_on_the_first_day() -> None:
    # 00:00 in Warsaw
    assert min(occurred(event) for event in events()) >= datetime(2024, 6, 30, 22, tzinfo=UTC)


def test_oddities_of_the_web_tracker() -> None:
    rows = read("demo_web", "events")
    assert len(rows) - len(events()) == 25
    assert len({tuple(row.values()) for row in rows}) == len(events()), "repeated events are exact repeats"
    late = [e for e in events() if e["received"]]
    delays = [(datetime.fromisoformat(e["received"]) - occurred(e)).total_seconds() / 86_400 for e in late]
    assert len(late) > 80 and min(delays) > 0.8 and max(delays) < 4.2
    assert [d for e, d in zip(late, delays, strict=True) if e["visitor_id"] == "v-late"] == [3, 3]
    midnight = [occurred(e) for e in events() if e["visitor_id"] == "v-midnight"]
    # 23:38 to 00:19 in Warsaw
    assert (min(midnight).strftime("%H:%M"), max(midnight).strftime("%H:%M")) == ("22:38", "23:19")


def test_robots_are_known_by_their_user_agent_or_by_the_tracker() -> None:
    robots = [e for e in events() if is_robot(e)]
    assert len(robots) > 200
    for event in robots:
        told = any(word in event["user_agent"].lower() for word in ("bot", "python-requests"))
        assert told or event["is_bot"] == "yes"
    assert not [e for e in events() if not is_robot(e) and (e["is_bot"] or "bot" in e["user_agent"].lower())]


def test_staff_browse_and_test_with_internal_addresses() -> None:
    staff = {
        row["contact_no"] for row in read("demo_crm", "contacts") if row["email"].endswith("@demo-wholesale.example")
    }
    assert {row["contact_no"] for row in read("demo_crm", "contacts") if row["account_no"] == TESTERS} == staff
    assert len([e for e in events() if e["contact_no"] in staff]) > 20
    tests = [row for row in orders().values() if row["is_test"] == "yes"]
    assert Counter(row["account_no"] == TESTERS for row in tests) == {True: 9, False: 3}  # fmt: skip


def test_the_size_class_of_a_customer_is_that_of_its_employees() -> None:
    sizes = [(row["size"], int(row["employees"])) for row in read("demo_crm", "accounts")]
    assert {"", "small", "medium", "large"} == {size for size, _ in sizes}
    for size, employees in sizes:
        assert size in ("", "small" if employees < 50 else "medium" if employees < 250 else "large")


def test_versions_of_an_account_know_its_industry() -> None:
    today = {row["account_no"]: row["industry"] for row in read("demo_crm", "accounts")}
    versions = read("demo_crm", "account_versions")
    assert versions and all(row["industry"] == today[row["account_no"]] for row in versions)


def test_larger_companies_convert_better_stay_longer_and_bounce_less() -> None:
    account_of = {row["contact_no"]: row["account_no"] for row in read("demo_crm", "contacts")}
    employees = {row["account_no"]: int(row["employees"]) for row in read("demo_crm", "accounts")}
    visits: dict[str, list[list[Row]]] = defaultdict(list)
    for event in sorted(events(), key=lambda e: (e["visitor_id"], e["occurred"])):
        known = visits[event["visitor_id"]]
        if known and occurred(event) - occurred(known[-1][-1]) < timedelta(minutes=30):
            known[-1].append(event)
        else:
            known.append([event])
    figures: dict[str, list[tuple[bool, float, bool]]] = defaultdict(list)
    for visitor, sessions in visits.items():
        person = next((e["contact_no"] for session in sessions for e in session if e["contact_no"]), "")
        if is_robot(sessions[0][0]) or account_of.get(person) == TESTERS:
            continue
        count = employees.get(account_of.get(person, ""), 0)
        size = "unknown" if not count else "small" if count < 50 else "medium" if count < 250 else "large"
        assert visitor
        for session in sessions:
            seconds = (occurred(session[-1]) - occurred(session[0])).total_seconds()
            figures[size].append((any(e["event"] == "purchase" for e in session), seconds, len(session) == 1))
    everyone = [figure for group in figures.values() for figure in group]
    assert 11_000 < len(everyone) < 13_000
    assert 0.03 < statistics.fmean(figure[0] for figure in everyone) < 0.042
    means = {size: [statistics.fmean(column) for column in zip(*group, strict=True)] for size, group in figures.items()}
    for smaller, larger in itertools.pairwise(["unknown", "small", "medium", "large"]):
        assert means[smaller][0] < means[larger][0]
        assert means[smaller][1] < means[larger][1]
        assert means[smaller][2] > means[larger][2]


# --- what is planted: orders ---


def test_orders_on_the_days_the_clocks_change() -> None:
    placed = [row["placed"] for row in orders().values() if row["account_no"] == CLOCK_CHANGES]
    days = Counter(moment[:10] for moment in placed)
    assert days == {"2024-10-27": 4, "2025-03-30": 3, "2025-10-26": 2, "2026-03-29": 2}
    twice = {"2024-10-27 02:15:00", "2024-10-27 02:45:00", "2025-10-26 02:30:00"}
    assert twice <= set(placed) and "2025-03-30 02:30:00" in placed


def test_guests_are_seven_people() -> None:
    guests = [row["guest_email"] for row in orders().values() if not row["account_no"]]
    assert len(guests) == 8 and len(set(guests)) == 8
    assert len({guest.strip().lower() for guest in guests}) == 7


def test_orders_that_are_no_sale_are_free() -> None:
    for line in lines():
        is_sale = orders()[line["order_no"]]["order_type"] == "standard"
        assert (float(line["unit_price"]) > 0) == is_sale


def test_some_orders_were_cancelled_after_they_had_left() -> None:
    left = {row["order_no"]: row["shipped"] for row in read("demo_erp", "shipments")}
    cancelled = {number: row["cancelled"] for number, row in orders().items() if row["cancelled"]}
    after = [number for number, moment in cancelled.items() if number in left and left[number] < moment]
    assert len(cancelled) > 20 and 3 <= len(after) < len(cancelled) / 2
    assert all(moment > orders()[number]["placed"] for number, moment in cancelled.items())


def test_two_orders_came_at_list_price_after_their_quote_had_expired() -> None:
    expired = [row for row in read("demo_shop", "quotes") if row["status"] == "expired" and row["order_no"]]
    assert len(expired) == 2
    for quote in expired:
        assert orders()[quote["order_no"]]["placed"] > quote["closed"]
        own = [line for line in lines() if line["order_no"] == quote["order_no"]]
        assert all(line["unit_price"] == line["list_unit_price"] for line in own)


def test_dirty_rows() -> None:
    shop = {row["order_no"]: row for row in read("demo_shop", "orders")}
    assert shop["SO-99001"]["account_no"] == UNKNOWN
    assert shop["SO-99002"]["currency"] == "NOK"
    assert shop["SO-99003"]["placed"].startswith("2202-")
    assert shop["SO-99004"]["placed"] == "yesterday"
    repeated = [row for row in read("demo_shop", "orders") if row["order_no"] == REPEATED_ORDER]
    assert len(repeated) == 2 and repeated[0]["channel"] != repeated[1]["channel"]
    rows = read("demo_shop", "order_lines")
    assert [r["line_no"] for r in rows if r["order_no"] == BAD_QUANTITY_ORDER and r["quantity"] == "abc"] == ["91"]
    assert [r["line_no"] for r in rows if r["order_no"] == NEGATIVE_PRICE_ORDER and r["unit_price"] == "-5.00"] == [
        "92"
    ]
    first = [r for r in rows if r["order_no"] == REPEATED_LINE_ORDER and r["line_no"] == "1"]
    assert len(first) == 2 and first[0] == first[1]
    deal = next(row for row in read("demo_crm", "opportunities") if row["deal_no"] == "D2901")
    assert deal["closed"] < deal["created"]
    shipment = next(row for row in read("demo_erp", "shipments") if row["shipment_no"] == "SH-200001")
    assert shipment["delivered"] < shipment["shipped"]
    answer = next(row for row in read("demo_service", "surveys") if row["response_no"] == "SV-99001")
    assert answer["score"] == "11"
    # and no others
    assert {row["currency"] for row in read("demo_shop", "orders")} == {"PLN", "EUR", "CZK", "USD", "NOK"}
    assert sum(not row["order_no"].startswith(ORDER_PREFIX) for row in read("demo_shop", "orders")) == 4
