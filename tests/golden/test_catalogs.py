"""Catalogs and products on companies small enough to be worked out by hand.

The companies report in PLN and cut days in Warsaw. What is awkward about each row is said beside it; the expected
values follow from these remarks alone.
"""

import math
import statistics
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest
from compiled import CompiledProject, records


def rows(company: duckdb.DuckDBPyConnection, table: str, key: str, where: str = "true") -> dict[Any, dict[str, Any]]:
    """Rows of a mart by a key, given as SQL."""
    found = records(company, f"select {key} as row_key, * from {table} where {where}")
    keyed = {row.pop("row_key"): row for row in found}
    assert len(keyed) == len(found), f"{key} is no key"
    return keyed


def check(row: dict[str, Any], **expected: Any) -> None:
    """The columns named have the expected values."""
    actual = {column: row[column] for column in expected}
    for column, value in expected.items():
        if isinstance(value, float):
            expected[column] = pytest.approx(value, abs=1e-9)
    assert actual == expected


# ---------------------------------------------------------------------------------------------------------------------
# Catalogs and the structure of revenue


@pytest.fixture(scope="module")
def shop(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    """Two catalogs over three months, the last one partial: as of 20 March 2025."""
    project = compiled_project.upstream_of("marts.kpi_catalog_performance", "marts.kpi_revenue_structure")
    return project.run(
        catalogs=[
            {"catalog_id": "K", "catalog_name": "Key", "target_group": "large"},
            {"catalog_id": "L", "catalog_name": "Little"},
        ],
        sales_reps=[{"rep_id": "R1", "rep_name": "Rep", "team": "North"}],
        accounts=[
            {"account_id": "A1", "company_size": "small", "country_code": "PL", "owner_rep_id": "R1"},
            {"account_id": "A2", "company_size": "medium"},
            {"account_id": "A3", "company_size": "small"},
            {"account_id": "A4", "company_size": "small"},
            {"account_id": "TEST", "is_test": "true"},
        ],
        catalog_assignments=[
            {"catalog_id": "K", "account_id": "A1", "valid_from": "2025-01-01", "valid_to": "2025-02-14"},
            # moved in the middle of February: assigned to both in that month
            {"catalog_id": "L", "account_id": "A1", "valid_from": "2025-02-15"},
            {"catalog_id": "L", "account_id": "A2", "valid_from": "2025-01-01"},
            # never orders
            {"catalog_id": "K", "account_id": "A3", "valid_from": "2025-01-01"},
            # in March, but after as_of
            {"catalog_id": "K", "account_id": "A4", "valid_from": "2025-03-25"},
            {"catalog_id": "K", "account_id": "TEST", "valid_from": "2025-01-01"},
        ],
        products=[
            {"product_id": "P1", "category": "Paper"}, {"product_id": "P2"}, {"product_id": "P3"},
            {"product_id": "P4"}, {"product_id": "P9"}, {"product_id": "SHIP", "product_type": "shipping"},
        ],
        catalog_prices=[
            {"catalog_id": "K", "product_id": "P1", "unit_price": "110", "valid_from": "2025-01-01"},
            # a second price in the same month is the same item
            {"catalog_id": "K", "product_id": "P1", "unit_price": "100", "valid_from": "2025-01-20"},
            {"catalog_id": "K", "product_id": "P2", "unit_price": "50", "valid_from": "2025-01-01"},
            {"catalog_id": "K", "product_id": "P3", "unit_price": "30", "valid_from": "2025-01-01",
             "valid_to": "2025-01-31"},
            # after as_of
            {"catalog_id": "K", "product_id": "P4", "unit_price": "30", "valid_from": "2025-03-25"},
            # no merchandise
            {"catalog_id": "K", "product_id": "SHIP", "unit_price": "15", "valid_from": "2025-01-01"},
            {"catalog_id": "L", "product_id": "P1", "unit_price": "90", "valid_from": "2025-01-01"},
        ],
        exchange_rates=[{"rate_on": "2025-02-10", "currency_code": "EUR", "rate_to_base": "4.20"}],
        orders=[
            {"order_id": "1", "account_id": "A1", "ordered_at": "2025-01-05"},
            {"order_id": "2", "account_id": "A1", "ordered_at": "2025-01-20"},
            # from the other catalog by now
            {"order_id": "3", "account_id": "A1", "ordered_at": "2025-02-20"},
            {"order_id": "4", "account_id": "A2", "ordered_at": "2025-02-21", "currency_code": "EUR"},
            {"order_id": "5-guest", "guest_key": "g", "ordered_at": "2025-01-11"},
            {"order_id": "6-test", "account_id": "TEST", "ordered_at": "2025-01-12"},
            {"order_id": "7-cancelled", "account_id": "A3", "ordered_at": "2025-01-12", "cancelled_at": "2025-01-13"},
            # names a catalog that the account does not have
            {"order_id": "8", "account_id": "A2", "ordered_at": "2025-02-22", "catalog_id": "K"},
            {"order_id": "9", "account_id": "A1", "ordered_at": "2025-03-20"},
        ],
        order_lines=[
            {"order_line_id": "1-1", "order_id": "1", "product_id": "P1", "quantity": "2", "list_unit_price": "110",
             "unit_price": "100", "unit_cost": "60"},
            # no cost: in sales, in no margin
            {"order_line_id": "2-1", "order_id": "2", "product_id": "P2", "quantity": "1", "unit_price": "50"},
            {"order_line_id": "3-1", "order_id": "3", "product_id": "P1", "quantity": "1", "unit_price": "90",
             "unit_cost": "60"},
            # 42 PLN that cost 21; the item is not in the catalog
            {"order_line_id": "4-1", "order_id": "4", "product_id": "P9", "quantity": "1", "unit_price": "10",
             "unit_cost": "5"},
            {"order_line_id": "5-1", "order_id": "5-guest", "product_id": "P1", "quantity": "1", "unit_price": "120",
             "unit_cost": "60"},
            {"order_line_id": "6-1", "order_id": "6-test", "product_id": "P3", "quantity": "1", "unit_price": "999"},
            {"order_line_id": "7-1", "order_id": "7-cancelled", "product_id": "P3", "quantity": "1",
             "unit_price": "999"},
            # its price in the catalog ended in January
            {"order_line_id": "8-1", "order_id": "8", "product_id": "P3", "quantity": "1", "unit_price": "30",
             "unit_cost": "10"},
            {"order_line_id": "9-1", "order_id": "9", "product_id": "P1", "quantity": "1", "unit_price": "80",
             "unit_cost": "60"},
            {"order_line_id": "9-2", "order_id": "9", "product_id": "SHIP", "quantity": "1", "unit_price": "15"},
        ],
        returns=[
            # sold from K in January; the account has L by now: it lowers K in February
            {"return_id": "R1", "order_id": "1", "order_line_id": "1-1", "returned_at": "2025-02-25", "quantity": "1",
             "refund_amount": "100"},
            # names no order: lowers the catalog of the account
            {"return_id": "R2", "account_id": "A2", "returned_at": "2025-03-01", "refund_amount": "5"},
        ],
    )  # fmt: skip


def test_catalog_performance(shop: duckdb.DuckDBPyConnection) -> None:
    found = rows(shop, "kpi_catalog_performance", "strftime(month_start, '%m') || ' ' || catalog_name")
    assert len(found) == 9
    # gross 2 x 110 + 50; margin of order 1 alone, (100 - 60) x 2; the month also has the guest's 120
    check(
        found["01 Key"],
        orders=2, active_accounts=1, active_assigned_accounts=1, assigned_accounts=2,
        priced_products=3, priced_products_sold=2, units=3, returned_units=0, gross_amount=270, discount_amount=20,
        sales_amount=250, returns_amount=0, net_sales_amount=250, month_net_sales_amount=370, margin_base_amount=200,
        margin_amount=80, discount_rate=20 / 270, returns_to_sales_rate=0.0, net_sales_share_rate=250 / 370,
        margin_rate=0.4, cost_coverage_rate=0.8, sku_coverage_rate=2 / 3, active_account_rate=0.5,
        is_reportable=False, is_complete_period=True, target_group="large",
    )  # fmt: skip
    # Wilson for 1 of 2: 0.5 -+ 1.959964 sqrt(0.125 + 0.2401) / 2.92073
    assert found["01 Key"]["active_account_rate_low"] == pytest.approx(0.094531, abs=1e-6)
    assert found["01 Key"]["active_account_rate_high"] == pytest.approx(0.905469, abs=1e-6)
    # 30 sold less 100 taken back; margin (30 - 10) - (100 - 60); A2 ordered but is not assigned
    check(
        found["02 Key"],
        orders=1, active_accounts=1, active_assigned_accounts=0, assigned_accounts=2, priced_products=2,
        priced_products_sold=0, units=1, returned_units=1, sales_amount=30, returns_amount=100, net_sales_amount=-70,
        month_net_sales_amount=62, margin_base_amount=-70, margin_amount=-20, returns_to_sales_rate=100 / 30,
        net_sales_share_rate=-70 / 62, sku_coverage_rate=0.0, active_account_rate=0.0,
    )  # fmt: skip
    check(
        found["02 Little"],
        orders=2, active_accounts=2, active_assigned_accounts=2, assigned_accounts=2, priced_products=1,
        priced_products_sold=1, net_sales_amount=132, margin_amount=51, active_account_rate=1.0, target_group="unknown",
    )  # fmt: skip
    # what is assigned or priced after as_of is not yet; nothing sold: zeros, and no ratio
    check(
        found["03 Key"],
        orders=0, assigned_accounts=1, priced_products=2, net_sales_amount=0, margin_amount=None, margin_rate=None,
        discount_rate=None, net_sales_share_rate=0.0, sku_coverage_rate=0.0, is_complete_period=False,
    )  # fmt: skip
    # shipping is no sale; the credit without order costs no goods, so that margin is known of 80 on net sales of 75
    check(
        found["03 Little"],
        orders=1, sales_amount=80, returns_amount=5, net_sales_amount=75, margin_base_amount=80, margin_amount=20,
        cost_coverage_rate=80 / 75,
    )  # fmt: skip
    check(
        found["01 unknown"], orders=1, net_sales_amount=120, assigned_accounts=0, active_account_rate=None,
        catalog_id="unknown",
    )  # fmt: skip


def test_revenue_structure(shop: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        shop, "kpi_revenue_structure", "strftime(month_start, '%m') || ' ' || dimension || ' ' || member"
    )  # fmt: skip
    expected = {
        # order 3 less the return of order 1; orders 4 and 8
        "02 company_size small": (1, -10), "02 company_size medium": (2, 72), "02 company_size unknown": (0, 0),
        "01 country PL": (2, 250), "01 country unknown": (1, 120), "02 country unknown": (2, 72),
        "01 category Paper": (2, 320), "01 category unknown": (1, 50),
        "01 order_channel unknown": (3, 370), "02 catalog Key": (1, -70), "02 catalog Little": (2, 132),
        "01 rep_team North": (2, 250), "02 rep_team unknown": (2, 72), "01 industry unknown": (3, 370),
        # the credit without item
        "03 category unknown": (0, -5),
    }  # fmt: skip
    actual = {key: (found[key]["orders"], found[key]["net_sales_amount"]) for key in expected}
    assert actual == expected
    assert found["02 company_size medium"]["net_sales_share_rate"] == pytest.approx(72 / 62)
    sums = shop.execute(
        "select distinct strftime(month_start, '%m'), sum(net_sales_amount), min(month_net_sales_amount)"
        " from kpi_revenue_structure group by month_start, dimension order by 1"
    ).fetchall()
    assert sums == [("01", 370, 370), ("02", 62, 62), ("03", 75, 75)]


# ---------------------------------------------------------------------------------------------------------------------
# Products

MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
# of a 95 % interval
Z = 1.959964


@pytest.fixture(scope="module")
def items(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    """A year of orders on the 15th, as of 31 December 2025: P1 every month, P2 every other one, P3 from July on."""
    project = compiled_project.upstream_of("marts.kpi_product_performance", "marts.kpi_product_price_position")
    orders = [{"order_id": month, "account_id": "A", "ordered_at": f"{month}-15"} for month in MONTHS]
    # a guest is another customer
    orders[0] = {"order_id": "2025-01", "guest_key": "g", "ordered_at": "2025-01-15"}
    lines = [
        # 10 at 7, cost 4; nobody knows the cost in December
        *({"order_line_id": f"P1 {month}", "order_id": month, "product_id": "P1", "quantity": "10", "unit_price": "7",
           "unit_cost": None if month == "2025-12" else "4"} for month in MONTHS),
        *({"order_line_id": f"P2 {month}", "order_id": month, "product_id": "P2", "quantity": "2",
           "unit_price": "12.5"} for month in MONTHS[::2]),
        # 1, 3, 1, 3, 1, 3 at 5, ten off the order of July
        *({"order_line_id": f"P3 {month}", "order_id": month, "product_id": "P3", "quantity": "3" if i % 2 else "1",
           "unit_price": "5", "unit_cost": "2"} for i, month in enumerate(MONTHS[6:])),
    ]  # fmt: skip
    lines[-6] = {**lines[-6], "list_unit_price": "15", "unit_price": "15", "discount_amount": "10"}
    return project.run(
        accounts=[{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}],
        products=[
            {"product_id": "P1", "sku": "S1", "list_price": "10", "currency_code": "PLN"},
            {"product_id": "P2", "list_price": "2", "currency_code": "EUR"},
            {"product_id": "P3"}, {"product_id": "P4"}, {"product_id": "P5"}, {"product_id": "P6"},
            {"product_id": "SHIP", "product_type": "shipping"},
        ],
        exchange_rates=[{"rate_on": "2025-12-10", "currency_code": "EUR", "rate_to_base": "4"}],
        orders=[
            *orders,
            # twelve months before as_of: no longer in them
            {"order_id": "old", "account_id": "A", "ordered_at": "2024-12-31"},
            {"order_id": "test", "account_id": "TEST", "ordered_at": "2025-03-01"},
            {"order_id": "cancelled", "account_id": "A", "ordered_at": "2025-03-01", "status": "cancelled"},
        ],
        order_lines=[
            *lines,
            {"order_id": "old", "product_id": "P5", "quantity": "1", "unit_price": "9000", "unit_cost": "1"},
            {"order_id": "test", "product_id": "P2", "quantity": "1000", "unit_price": "9"},
            {"order_id": "cancelled", "product_id": "P2", "quantity": "1000", "unit_price": "9"},
        ],
        shipments=[
            {"order_line_id": "P1 2025-01", "shipment_line_id": "1", "quantity": "10", "shipped_at": "2025-01-15"},
            # in two parts: the last goods left on 20 February
            {"order_line_id": "P1 2025-02", "shipment_line_id": "2", "quantity": "6", "shipped_at": "2025-02-15"},
            {"order_line_id": "P1 2025-02", "shipment_line_id": "3", "quantity": "4", "shipped_at": "2025-02-20"},
            # 60 days end on the day of as_of; those of the next do not
            {"order_line_id": "P1 2025-11", "shipment_line_id": "4", "quantity": "10", "shipped_at": "2025-11-01"},
            {"order_line_id": "P1 2025-12", "shipment_line_id": "5", "quantity": "10", "shipped_at": "2025-12-15"},
        ],
        returns=[
            # 60 days after the last goods left
            {"return_id": "R1", "order_id": "2025-02", "order_line_id": "P1 2025-02", "returned_at": "2025-04-21",
             "quantity": "5", "refund_amount": "40"},
            # the 61st day: a credit, but not in the return rate
            {"return_id": "R2", "order_id": "2025-01", "order_line_id": "P1 2025-01", "returned_at": "2025-03-17",
             "quantity": "3", "refund_amount": "0"},
            {"return_id": "R3", "account_id": "A", "product_id": "P4", "returned_at": "2025-05-01",
             "refund_amount": "20"},
            {"return_id": "R4", "account_id": "A", "returned_at": "2025-05-01", "refund_amount": "1"},
        ],
        reviews=[
            {"review_id": "1", "product_id": "P1", "account_id": "A", "score": "5", "reviewed_at": "2024-11-01"},
            {"review_id": "2", "product_id": "P1", "account_id": "A", "score": "4", "reviewed_at": "2025-06-01"},
            {"review_id": "3", "product_id": "P1", "account_id": "TEST", "score": "1", "reviewed_at": "2025-06-01"},
            {"review_id": "4", "product_id": "P1", "account_id": "A", "score": "1", "reviewed_at": "2026-01-01"},
        ],
        competitor_prices=[
            {"product_id": "P1", "competitor_name": "X", "observed_on": "2025-11-01", "unit_price": "20"},
            {"product_id": "P1", "competitor_name": "X", "observed_on": "2025-12-01", "unit_price": "8",
             "is_in_stock": "true"},
            # after as_of
            {"product_id": "P1", "competitor_name": "X", "observed_on": "2026-01-02", "unit_price": "1"},
            {"product_id": "P1", "competitor_name": "Y", "observed_on": "2025-12-10", "unit_price": "3",
             "currency_code": "EUR", "is_in_stock": "false"},
            # 90 and 91 days old
            {"product_id": "P1", "competitor_name": "Z", "observed_on": "2025-10-02", "unit_price": "9"},
            {"product_id": "P1", "competitor_name": "W", "observed_on": "2025-10-01", "unit_price": "5"},
            {"product_id": "P2", "competitor_name": "X", "observed_on": "2025-12-01", "unit_price": "8"},
            {"product_id": "P3", "competitor_name": "X", "observed_on": "2025-12-01", "unit_price": "8"},
        ],
        web_events=[{"event_id": "1", "visitor_id": "V", "occurred_at": "2025-12-31T10:00:00Z",
                     "event_name": "page_view"}],
    )  # fmt: skip


def test_product_performance(items: duckdb.DuckDBPyConnection) -> None:
    found = rows(items, "kpi_product_performance", "replace(product_id, 'flat_file:', '')")
    assert sorted(found) == ["P1", "P2", "P3", "P4", "P5", "P6", "unknown"]
    # 12 x 70 less 40; margin of eleven months: 770 - 440, less 40 refunded, with 20 of cost taken back
    check(
        found["P1"],
        sku="S1", lines=12, orders=12, accounts=2, units=120, returned_units=8, gross_amount=840, discount_amount=0,
        sales_amount=840, returns_amount=40, net_sales_amount=800, margin_base_amount=730,
        margin_amount=770 - 440 - 40 + 32, margin_rate=322 / 730, cost_coverage_rate=730 / 800, discount_rate=0.0,
        shipped_lines=3, shipped_units=30, shipped_units_returned=5, return_rate=5 / 30,
        # Wilson: (k + z^2 / 2 -+ z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2)
        return_rate_low=(5 + Z**2 / 2 - Z * math.sqrt(125 / 30 + Z**2 / 4)) / (30 + Z**2),
        return_rate_high=(5 + Z**2 / 2 + Z * math.sqrt(125 / 30 + Z**2 / 4)) / (30 + Z**2),
        reviews=2, review_points=9, review_score=4.5, demand_months=12, demand_variation=0.0,
        demand_rank=1, is_most_demanded=True, is_high_margin=False,
        recent_net_sales_amount=210, previous_net_sales_amount=210, trend_rate=0.0, trend="→",
        days_since_last_sale=16, is_reportable=False, is_return_rate_reportable=False,
        first_sold_on=date(2025, 1, 15), last_sold_on=date(2025, 12, 15),
    )  # fmt: skip
    # six months of 2 and six of 0: mean 1, sample deviation sqrt(12 / 11). Neither test nor cancelled order counts
    check(
        found["P2"],
        lines=6, units=12, net_sales_amount=150, margin_amount=None, margin_rate=None, demand_months=12,
        demand_variation=math.sqrt(12 / 11), demand_rank=2, recent_net_sales_amount=25, previous_net_sales_amount=50,
        trend_rate=-0.5, trend="↓", return_rate=None, review_score=None,
    )  # fmt: skip
    # 12 units, of which the first at 15 less 10: gross 15 + 55, net 60; cost 24. Deviation of 1, 3, ...: sqrt(6 / 5)
    check(
        found["P3"],
        units=12, gross_amount=70, discount_amount=10, net_sales_amount=60, discount_rate=1 / 7, margin_amount=36,
        margin_rate=0.6, is_high_margin=True, demand_months=6, demand_variation=math.sqrt(6 / 5) / 2, demand_rank=3,
        is_most_demanded=False, recent_net_sales_amount=35, previous_net_sales_amount=25, trend_rate=0.4, trend="↑",
    )  # fmt: skip
    check(found["P4"], orders=0, net_sales_amount=-20, days_since_last_sale=None, trend=None, demand_rank=None)
    # sold before the twelve months only
    check(found["P5"], orders=0, net_sales_amount=0, days_since_last_sale=365, demand_months=12, demand_variation=None)
    check(found["P6"], orders=0, net_sales_amount=0, margin_amount=None, demand_months=0, last_sold_on=None)
    check(found["unknown"], net_sales_amount=-1)
    # of 1,010: 800 is 79.2 %, with P2 94.06 %, with P3 all
    assert [found[item]["abc_class"] for item in sorted(found)] == ["A", "B", "C", "none", "none", "none", "none"]
    assert [found[item]["xyz_class"] for item in sorted(found)] == ["X", "Z", "Y", "none", "none", "none", "none"]


def test_price_against_competitors(items: duckdb.DuckDBPyConnection) -> None:
    prices = rows(items, "kpi_competitor_price", "split_part(product_id, ':', 2) || ' ' || competitor_name")
    actual = {key: (float(row["competitor_price_amount"]), row["is_current"]) for key, row in prices.items()}
    assert actual == {
        "P1 X": (8, True), "P1 Y": (12, True), "P1 Z": (9, True), "P1 W": (5, False), "P2 X": (8, True),
        "P3 X": (8, True),
    }  # fmt: skip
    check(prices["P1 Y"], list_price_amount=10, price_index=10 / 12, is_in_stock=False, observed_on=date(2025, 12, 10))
    found = rows(items, "kpi_product_price_position", "split_part(product_id, ':', 2)")
    # 8, 9 and 12 against 10
    check(
        found["P1"],
        competitors=3, competitors_in_stock=1, competitor_lowest_price_amount=8, competitor_median_price_amount=9,
        competitor_highest_price_amount=12, list_price_amount=10, price_index=10 / 9, price_position="above median",
        is_above_market=True, last_observed_on=date(2025, 12, 10), elasticity=None,
        refusal_reason="too few order lines",
    )  # fmt: skip
    # 2 EUR at 4
    check(
        found["P2"], list_price_amount=8, price_index=1.0, price_position="at median", is_above_market=False
    )  # fmt: skip
    check(found["P3"], list_price_amount=None, price_index=None, price_position="unknown", is_above_market=None)
    check(found["P6"], competitors=0, price_position="unknown", competitor_median_price_amount=None)


# ---------------------------------------------------------------------------------------------------------------------
# Elasticity: an independent least squares with a dummy for every catalog and month

PRICES = [10, 11, 12.5, 14, 16, 18, 20, 25]
QUANTITIES = [100, 85, 70, 52, 44, 31, 27, 16]


def test_elasticity(compiled_project: CompiledProject) -> None:
    def line(order: str, product: str, price: float, quantity: float, **columns: str) -> dict[str, str]:
        return {
            "order_id": order,
            "product_id": product,
            "unit_price": str(price),
            "quantity": str(quantity),
            **columns,
        }

    # catalog and month of each order; EUR at 4
    groups = {"jan": ("K", "01", 1), "feb": ("K", "02", 1), "feb-eur": ("K", "02", 4), "jan-L": ("L", "01", 1)}
    data = [
        *(("jan", price, quantity) for price, quantity in zip(PRICES, QUANTITIES, strict=True)),
        # a better month, at every price
        *(("feb", price, quantity * 3 + 5) for price, quantity in zip(PRICES, QUANTITIES, strict=True)),
        # the same prices in EUR are no further prices; their group is February's
        *(("feb-eur", price / 4, quantity * 2 + 9) for price, quantity in zip(PRICES, QUANTITIES, strict=True)),
        # small buyers of the dear catalog: the level says nothing, the slope within does
        *(("jan-L", price * 2, quantity // 8 + 1) for price, quantity in zip(PRICES, QUANTITIES, strict=True)),
    ]
    lines = [line(order, "P", price, quantity) for order, price, quantity in data]
    company = compiled_project.upstream_of("marts.kpi_product_price_position").run(
        accounts=[{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}],
        catalogs=[{"catalog_id": "K"}, {"catalog_id": "L"}],
        products=[{"product_id": product} for product in ("P", "FEW-LINES", "FEW-PRICES", "CONSTANT")],
        exchange_rates=[{"rate_on": "2025-01-20", "currency_code": "EUR", "rate_to_base": "4"}],
        orders=[
            *({"order_id": order, "account_id": "A", "catalog_id": catalog, "ordered_at": f"2025-{month}-10",
               "currency_code": "EUR" if rate == 4 else None} for order, (catalog, month, rate) in groups.items()),
            {"order_id": "mar", "account_id": "A", "catalog_id": "K", "ordered_at": "2025-03-10"},
            {"order_id": "test", "account_id": "TEST", "catalog_id": "K", "ordered_at": "2025-01-10"},
        ],
        order_lines=[
            *lines,
            # the only line of its month says nothing, one of testers or without quantity or price counts nowhere
            line("mar", "P", 1, 100000),
            line("test", "P", 1, 100000),
            line("jan", "P", 7, 0),
            line("jan", "P", 0, 7),
            *(line("jan", "FEW-LINES", 5 + number, 50 - number) for number in range(29)),
            # seven prices shown, negotiated down to forty-two others
            *(line("jan", "FEW-PRICES", 10 + number % 7 - number / 100, 50 - number,
                   list_unit_price=str(10 + number % 7)) for number in range(42)),
            *(line("jan", "CONSTANT", 10, number + 1, list_unit_price=str(10 + number)) for number in range(30)),
        ],
    )  # fmt: skip
    log_price = np.array([math.log(price * groups[order][2]) for order, price, _ in data])
    log_quantity = np.array([math.log(quantity) for _, _, quantity in data])
    keys = [groups[order][:2] for order, _, _ in data]
    dummies = np.array([[float(key == other) for other in sorted(set(keys))] for key in keys])
    design = np.column_stack([log_price, dummies])
    solution, *_ = np.linalg.lstsq(design, log_quantity, rcond=None)
    residuals = log_quantity - design @ solution
    variance = residuals @ residuals / (len(data) - design.shape[1])
    standard_error = math.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])

    found = rows(company, "kpi_product_price_position", "split_part(product_id, ':', 2)")
    check(
        found["P"],
        elasticity=float(solution[0]), elasticity_standard_error=standard_error,
        elasticity_low=float(solution[0]) - 1.96 * standard_error, compared_lines=32, compared_groups=3,
        # eight in K, and eight in L, of which 20 and 25 are K's, too
        distinct_prices=14, refusal_reason=None,
    )  # fmt: skip
    # 100 -> 16 units for 2.5 times the price in the first group alone: ln 0.16 / ln 2.5 = -2
    assert found["P"]["price_response"] == "elastic"
    refused = {item: row["refusal_reason"] for item, row in found.items() if item != "P"}
    assert refused == {
        "FEW-LINES": "too few order lines", "FEW-PRICES": "too few prices", "CONSTANT": "no variation of the price",
    }  # fmt: skip
    assert all(found[item]["elasticity"] is None and found[item]["price_response"] == "refused" for item in refused)


# ---------------------------------------------------------------------------------------------------------------------
# Price cuts


@pytest.fixture(scope="module")
def cuts(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    """Catalog K cuts ten items on 1 June 2025 from 10 to 9, M the same ones on 1 July; as of 30 August."""
    items = [f"I{number:02}" for number in range(1, 11)]
    orders = {
        # catalog, day; 90 days before are 3 March to 31 May, from the cut on 1 June to 29 August
        "out-before": ("K", "2025-03-02"), "before-1": ("K", "2025-03-03"), "before-2": ("K", "2025-05-31"),
        "after-1": ("K", "2025-06-01"), "after-2": ("K", "2025-08-29"), "out-after": ("K", "2025-08-30"),
        "control-before-1": ("L", "2025-04-01"), "control-before-2": ("L", "2025-04-02"),
        "control-after-1": ("L", "2025-06-15"), "control-after-2": ("L", "2025-06-16"),
        # cut its own prices in those days: no control
        "other-cut": ("M", "2025-06-20"), "no-catalog": (None, "2025-06-20"),
    }  # fmt: skip
    lines = [
        ("out-before", "I01", 1000, 10, 6), ("before-1", "I01", 10, 10, 6), ("before-2", "I06", 20, 10, None),
        ("after-1", "I01", 40, 9, 6), ("after-1", "I02", 30, 9, 6), ("after-2", "I06", 50, 9, None),
        ("out-after", "I01", 1000, 9, 6),
        ("control-before-1", "I01", 5, 12, 6), ("control-before-2", "I06", 10, 12, None),
        ("control-after-1", "I01", 6, 12, 6), ("control-after-2", "I07", 12, 12, None),
        ("other-cut", "I01", 999, 12, 6), ("no-catalog", "I01", 999, 12, 6), ("test", "I01", 999, 9, 6),
        # not cut
        ("after-1", "J", 999, 9, 6),
    ]  # fmt: skip
    return compiled_project.upstream_of("marts.kpi_catalog_discount_effect").run(
        accounts=[{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}],
        catalogs=[{"catalog_id": "K", "catalog_name": "Key"}, {"catalog_id": "L"}, {"catalog_id": "M"}],
        products=[
            *({"product_id": item, "category": "Paper" if item <= "I05" else None} for item in items),
            {"product_id": "J", "category": "Paper"},
        ],
        catalog_prices=[
            {"catalog_id": catalog, "product_id": item, "unit_price": price, "valid_from": day}
            for catalog, cut_on in (("K", "2025-06-01"), ("M", "2025-07-01"))
            for item in items
            for price, day in (("10", "2025-01-01"), ("9", cut_on))
        ],
        orders=[
            *({"order_id": order, "account_id": "A", "catalog_id": catalog, "ordered_at": day}
              for order, (catalog, day) in orders.items()),
            {"order_id": "test", "account_id": "TEST", "catalog_id": "K", "ordered_at": "2025-06-10"},
        ],
        order_lines=[
            {"order_id": order, "product_id": item, "quantity": str(quantity), "unit_price": str(price),
             "unit_cost": cost and str(cost)} for order, item, quantity, price, cost in lines
        ],
    )  # fmt: skip


def test_effect_of_a_price_cut(cuts: duckdb.DuckDBPyConnection) -> None:
    found = rows(cuts, "kpi_catalog_discount_effect", "split_part(price_cut_id, ':', 2) || ' ' || category")
    assert sorted(found) == [
        f"{cut} {category}" for cut in ("K@2025-06-01", "M@2025-07-01") for category in ("Paper", "all", "unknown")
    ]
    whole = found["K@2025-06-01 all"]
    check(
        whole,
        scope="catalog", catalog_name="Key", items=10, repriced_items=0, price_change_rate=-0.1,
        before_lines=2, before_orders=2, before_units=30, before_sales_amount=300, before_margin_amount=40,
        # 9 x 120; (9 - 6) x 70, the rest has no cost
        after_lines=3, after_orders=2, after_units=120, after_sales_amount=1080, after_margin_amount=210,
        control_before_lines=2, control_before_orders=2, control_before_units=15, control_before_sales_amount=180,
        control_before_margin_amount=30, control_after_lines=2, control_after_orders=2, control_after_units=18,
        control_after_sales_amount=216, control_after_margin_amount=36,
        before_units_per_line=15.0, after_units_per_line=40.0,
        orders_factor=1.0, control_orders_factor=1.0, orders_effect=1.0,
        units_factor=4.0, control_units_factor=1.2, units_effect=4 / 1.2,
        sales_factor=3.6, control_sales_factor=1.2, sales_effect=3.0,
        margin_factor=5.25, control_margin_factor=1.2, margin_effect=4.375,
        units_per_line_factor=40 / 15, control_units_per_line_factor=1.2, units_per_line_effect=40 / 15 / 1.2,
        is_reportable=False, is_complete=True, cut_on=date(2025, 6, 1), window_starts_on=date(2025, 3, 3),
        window_ends_on=date(2025, 8, 29),
    )  # fmt: skip
    cells = [[math.log(n) for n in cell] for cell in ((40, 30, 50), (10, 20), (6, 12), (5, 10))]
    after, before, control_after, control_before = (statistics.mean(cell) for cell in cells)
    error = math.sqrt(sum(statistics.variance(cell) / len(cell) for cell in cells))
    effect = after - before - (control_after - control_before)
    check(whole, log_units_effect=effect, log_units_effect_standard_error=error)
    # 0.836 is less than 1.96 x 0.618
    assert not whole["is_significant"]


def test_effect_of_a_price_cut_by_category(cuts: duckdb.DuckDBPyConnection) -> None:
    found = rows(cuts, "kpi_catalog_discount_effect", "split_part(price_cut_id, ':', 2) || ' ' || category")
    check(
        found["K@2025-06-01 Paper"],
        scope="category", items=5, before_units=10, after_units=70, control_before_units=5, control_after_units=6,
        units_effect=7 / 1.2, is_significant=False, log_units_effect_standard_error=None,
    )  # fmt: skip
    check(found["K@2025-06-01 unknown"], items=5, before_margin_amount=None, margin_factor=None, margin_effect=None)
    # its window ends on 28 September: counts so far, no factor
    check(
        found["M@2025-07-01 all"],
        items=10, is_complete=False, before_units=999, units_factor=None, units_effect=None, log_units_effect=None,
        is_significant=False, control_before_lines=3,
    )  # fmt: skip


def test_a_price_cut_after_which_nobody_bought(compiled_project: CompiledProject) -> None:
    items = [f"I{number:02}" for number in range(10)]
    orders = {
        "before-1": ("K", "2025-04-01"), "before-2": ("K", "2025-04-02"),
        "control-before-1": ("L", "2025-04-01"), "control-before-2": ("L", "2025-04-02"),
        "control-after-1": ("L", "2025-06-15"), "control-after-2": ("L", "2025-06-16"),
        "last": (None, "2025-09-30"), "first": (None, "2025-01-02"),
    }  # fmt: skip
    company = compiled_project.upstream_of("marts.kpi_catalog_discount_effect").run(
        accounts=[{"account_id": "A"}],
        catalogs=[{"catalog_id": "K"}, {"catalog_id": "L"}],
        products=[{"product_id": item} for item in items],
        catalog_prices=[
            {"catalog_id": "K", "product_id": item, "unit_price": price, "valid_from": day}
            for item in items
            for price, day in (("10", "2025-01-01"), ("9", "2025-06-01"))
        ],
        orders=[
            {"order_id": order, "account_id": "A", "catalog_id": catalog, "ordered_at": day}
            for order, (catalog, day) in orders.items()
        ],
        order_lines=[
            {"order_id": order, "product_id": "I01", "quantity": str(quantity), "unit_price": "10"}
            for quantity, order in enumerate(orders, start=1)
        ],
    )
    (cut,) = records(company, "select * from kpi_catalog_discount_effect where category = 'all'")
    # no quantity has no variance: the error is unknown, not "not a number"
    check(
        cut,
        is_complete=True, before_lines=2, after_lines=0, control_after_lines=2, units_factor=0.0, units_effect=0.0,
        log_units_effect=None, log_units_effect_standard_error=None, is_significant=False,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Affinity


def test_affinity(compiled_project: CompiledProject) -> None:
    # 60 orders: A in 40, B in 30, C in 20. A and B are together in 24, A and C in 20, B and C in 19
    baskets = {
        "A": range(40),
        "B": [*range(19), *range(20, 25), *range(40, 46)],
        "C": range(20),
        "D": range(46, 60),
    }
    company = compiled_project.upstream_of("marts.kpi_product_affinity").run(
        accounts=[{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}],
        products=[{"product_id": "SHIP", "product_type": "shipping"}],
        orders=[
            *({"order_id": str(number), "account_id": "A", "ordered_at": "2025-01-03"} for number in range(60)),
            {"order_id": "test", "account_id": "TEST", "ordered_at": "2025-01-03"},
            {"order_id": "cancelled", "account_id": "A", "ordered_at": "2025-01-03", "status": "cancelled"},
        ],
        order_lines=[
            *({"order_id": str(number), "product_id": item, "quantity": "1", "unit_price": "1"}
              for item, numbers in baskets.items() for number in numbers),
            # twice on one order: once in its basket
            {"order_id": "0", "product_id": "A", "quantity": "2", "unit_price": "1"},
            # 40 orders are charged shipping: no item
            *({"order_id": str(number), "product_id": "SHIP", "quantity": "1", "unit_price": "1"}
              for number in range(40)),
            *({"order_id": order, "product_id": item, "quantity": "1", "unit_price": "1"}
              for order in ("test", "cancelled") for item in ("B", "C")),
        ],
    )  # fmt: skip
    found = rows(
        company, "kpi_product_affinity", "split_part(product_id, ':', 2) || split_part(other_product_id, ':', 2)"
    )
    assert sorted(found) == ["AB", "AC", "BA", "CA"]
    # support 24/60; confidence 24/40; lift 0.6/0.5; leverage 0.4 - (2/3)(1/2); conviction 0.5/0.4;
    # chi-square 60 (1/15)^2 / ((2/9)(1/4))
    check(
        found["AB"],
        pair_orders=24, product_orders=40, other_product_orders=30, total_orders=60, support=0.4, confidence=0.6,
        lift=1.2, leverage=1 / 15, conviction=1.25, chi_square=4.8, is_significant=True, is_reportable=True,
    )  # fmt: skip
    # the same pair the other way: confidence 24/30, conviction (1/3)/0.2
    check(
        found["BA"], support=0.4, confidence=0.8, lift=1.2, leverage=1 / 15, conviction=5 / 3, chi_square=4.8
    )  # fmt: skip
    # every order with C has A; chi-square 60 (1/9)^2 / ((2/9)(2/9))
    check(found["CA"], confidence=1.0, lift=1.5, conviction=None, chi_square=15.0)
    check(found["AC"], confidence=0.5, lift=1.5, conviction=4 / 3, chi_square=15.0)
