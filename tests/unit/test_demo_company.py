"""The demo company: the same bytes every time, and what docs/demo_company.md says is planted is there."""

import csv
import itertools
import statistics
from datetime import date, datetime
from pathlib import Path

import pytest
from warehouse.demo import generate, write_seeds
from warehouse.demo.company import LOST_KEY_ACCOUNT, OVERDUE, SUMMER_PAUSE
from warehouse.project import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
Table = list[dict[str, str]]


def read(system: str, table: str) -> Table:
    with (SEEDS / system / f"{system}__{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def order_days(account: str) -> list[date]:
    return sorted(
        date.fromisoformat(row["placed"][:10]) for row in read("demo_shop", "orders") if row["account_no"] == account
    )


def gaps(days: list[date]) -> list[int]:
    return [(later - earlier).days for earlier, later in itertools.pairwise(days)]


def test_committed_seeds_are_what_the_generator_writes(tmp_path: Path) -> None:
    for path in write_seeds(generate(), tmp_path):
        committed = SEEDS / path.relative_to(tmp_path)
        assert committed.read_bytes() == path.read_bytes(), f"{committed} differs: run `make demo-seeds`"


def test_seeds_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in SEEDS.rglob("*.csv")}
    assert max(sizes.values()) < 4_000_000
    assert sum(sizes.values()) < 10_000_000


@pytest.mark.parametrize(
    ("child", "column", "parent", "key", "documented"),
    [
        (("demo_shop", "orders"), "account_no", ("demo_crm", "accounts"), "account_no", {"A9999"}),
        (("demo_shop", "orders"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_shop", "order_lines"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_shop", "order_lines"), "sku", ("demo_shop", "products"), "sku", set()),
        (("demo_shop", "returns"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_web", "events"), "order_no", ("demo_shop", "orders"), "order_no", set()),
        (("demo_web", "events"), "contact_no", ("demo_crm", "contacts"), "contact_no", set()),
        (("demo_crm", "opportunities"), "account_no", ("demo_crm", "accounts"), "account_no", set()),
    ],
)
def test_references_resolve(
    child: tuple[str, str], column: str, parent: tuple[str, str], key: str, documented: set[str]
) -> None:
    known = {row[key] for row in read(*parent)}
    assert {row[column] for row in read(*child)} - known - {""} == documented


def test_one_account_is_overdue_on_a_strict_four_week_cadence() -> None:
    days = order_days(OVERDUE)
    assert set(gaps(days)) == {28}
    assert (date(2026, 9, 18) - days[-1]).days == 43


def test_one_account_pauses_every_summer() -> None:
    days = order_days(SUMMER_PAUSE)
    assert not [day for day in days if day.month in (7, 8)]
    assert {2025, 2026} <= {day.year for day in days}
    assert statistics.median(gaps(days)) == 28


def test_one_key_account_went_silent() -> None:
    days = order_days(LOST_KEY_ACCOUNT)
    assert len(days) > 30
    assert (date(2026, 9, 18) - days[-1]).days > 270


def test_web_orders_are_reported_by_the_tracker() -> None:
    reported = {row["order_no"] for row in read("demo_web", "events") if row["event"] == "purchase"}
    web_orders = {
        row["order_no"]
        for row in read("demo_shop", "orders")
        if row["channel"] in ("web_self_service", "web_assisted") and not row["order_no"].startswith("SO-9")
    }
    assert reported == web_orders


def test_oddities_of_the_web_tracker() -> None:
    events = read("demo_web", "events")
    ids = [event["event_id"] for event in events]
    assert len(ids) - len(set(ids)) == 25
    late = [event for event in events if event["received"]]
    assert late and all(event["received"][:10] > event["occurred"][:10] for event in late)
    midnight = [datetime.fromisoformat(e["occurred"]) for e in events if e["visitor_id"] == "v-midnight"]
    # 23:38 to 00:19 in Warsaw
    assert (min(midnight).strftime("%H:%M"), max(midnight).strftime("%H:%M")) == ("22:38", "23:19")
    assert sum("bot" in event["user_agent"].lower() for event in events) == 150


def test_orders_on_the_days_the_clocks_change() -> None:
    placed = {row["placed"] for row in read("demo_shop", "orders")}
    assert {"2024-10-27 02:30:00", "2025-03-30 02:30:00", "2025-10-26 02:30:00", "2026-03-29 03:15:00"} <= placed


def test_one_rep_discounts_too_deep() -> None:
    rep_of = {row["account_no"]: row["owner_rep_no"] for row in read("demo_crm", "accounts")}
    account_of = {row["order_no"]: row["account_no"] for row in read("demo_shop", "orders")}
    ratios: dict[bool, list[float]] = {True: [], False: []}
    for line in read("demo_shop", "order_lines"):
        account = account_of[line["order_no"]]
        if account in rep_of and float(line["unit_price"]) > 0:
            is_deep = rep_of[account] == "R09"
            ratios[is_deep].append(float(line["unit_price"]) / float(line["list_unit_price"]))
    assert statistics.mean(ratios[True]) < 0.92
    assert statistics.mean(ratios[False]) > 0.98
    depth = {True: [], False: []}
    for quote in read("demo_shop", "quotes"):
        depth[quote["rep_no"] == "R09"].append(1 - float(quote["negotiated_value"]) / float(quote["base_value"]))
    assert min(depth[True]) > 0.11 and max(depth[False]) < 0.1


@pytest.mark.parametrize(
    ("catalog", "first_day", "cut"), [("partner", "2026-01-15", 0.92), ("key-account", "2026-02-02", 0.94)]
)
def test_two_catalogs_were_cut(catalog: str, first_day: str, cut: float) -> None:
    prices = {
        (row["sku"], row["valid_from"]): float(row["price"])
        for row in read("demo_shop", "catalog_prices")
        if row["catalog_code"] == catalog
    }
    changes = [new / prices[sku, "2024-07-01"] for (sku, day), new in prices.items() if day == first_day]
    assert len(changes) == 160
    assert statistics.mean(changes) == pytest.approx(cut, abs=0.005)


@pytest.mark.parametrize("sku", ["SKU-5001", "SKU-5002", "SKU-5003"])
def test_the_elastic_items_have_many_prices(sku: str) -> None:
    # the price shown to small Polish companies, who buy at the public list price
    catalog = {row["order_no"]: (row["catalog_code"], row["currency"]) for row in read("demo_shop", "orders")}
    prices = {
        line["list_unit_price"]
        for line in read("demo_shop", "order_lines")
        if line["sku"] == sku and catalog[line["order_no"]] == ("standard", "PLN")
    }
    assert len(prices) >= 8
