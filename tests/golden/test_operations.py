"""Fulfilment, stock and suppliers on companies small enough to be worked out by hand."""

from datetime import date
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

ACCOUNTS = [
    {"account_id": "A1", "company_size": "small"},
    {"account_id": "A2", "company_size": "large"},
    {"account_id": "TEST", "is_test": "true"},
]
PRODUCTS = [
    {"product_id": "P", "category": "Tools", "supplier_id": "S1"},
    {"product_id": "Q", "category": "Tools", "supplier_id": "S1"},
    {"product_id": "R", "supplier_id": "S1"},
    {"product_id": "CARE", "product_type": "service"},
    {"product_id": "SHIP", "product_type": "shipping"},
]


def almost(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=1e-9)


def cells(company: duckdb.DuckDBPyConnection, mart: str, columns: str, dimension: str) -> dict[tuple[str, str], tuple]:
    """Values of a mart by month and dimension, as {('2025-01', 'small'): (value, ...)}."""
    rows = company.execute(f"select strftime(month_start, '%Y-%m'), {dimension}, {columns} from {mart}").fetchall()
    return {(row[0], row[1]): tuple(almost(float(v)) if v is not None else None for v in row[2:]) for row in rows}


@pytest.fixture(scope="module")
def shipping(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    def order(number: str, ordered_at: str, account: str | None = "A1", **more: str) -> dict[str, Any]:
        return {"order_id": number, "account_id": account, "ordered_at": ordered_at, **more}

    def line(number: str, product: str, quantity: int, promised_on: str | None = None) -> dict[str, Any]:
        return {"order_line_id": number, "order_id": number.rstrip("abc"), "product_id": product,
                "quantity": quantity, "unit_price": "10", "promised_on": promised_on}  # fmt: skip

    def shipment(number: int, line: str, quantity: int, shipped_at: str, delivered_at: str | None) -> dict[str, Any]:
        return {"shipment_line_id": number, "order_line_id": line, "quantity": quantity, "shipped_at": shipped_at,
                "delivered_at": delivered_at}  # fmt: skip

    return compiled_project.upstream_of("marts.kpi_fulfilment", "marts.kpi_order_to_delivery").run(
        accounts=ACCOUNTS,
        products=PRODUCTS,
        orders=[
            # a Friday
            order("1", "2025-01-03 10:00:00"),
            # January in UTC, in Warsaw half past midnight on Saturday, 1 February
            order("2", "2025-01-31T23:30:00Z", "A2"),
            order("3", "2025-02-10 12:00:00", "A2"),
            order("4", "2025-02-11 12:00:00", cancelled_at="2025-02-12 12:00:00"),
            order("5", "2025-02-11 12:00:00", "TEST"),
            # cancelled when the first of its two lines had come
            order("6", "2025-02-12 08:00:00", cancelled_at="2025-02-15 09:00:00"),
            # nothing to deliver
            order("7", "2025-02-14 12:00:00", "A2"),
            order("8", "2025-03-03 12:00:00", None, guest_key="g1"),
            # the last day of data
            order("9", "2025-03-31 09:00:00"),
            order("10", "2025-03-17 10:00:00"),
            # would not have counted anyhow
            order("11", "2025-03-05 12:00:00", order_type="sample", cancelled_at="2025-03-06 12:00:00"),
            order("12", "2025-03-05 12:00:00", None, cancelled_at="2025-03-06 12:00:00"),
        ],
        order_lines=[
            line("1a", "P", 10, "2025-01-10"),
            line("1b", "Q", 4, "2025-01-10"),
            line("1c", "SHIP", 1),
            line("2", "P", 10, "2025-02-07"),
            line("3a", "P", 10, "2025-02-20"),
            line("3b", "Q", 5, "2025-03-05"),
            line("4", "P", 100, "2025-02-20"),
            line("5", "P", 100, "2025-02-20"),
            line("6a", "P", 10, "2025-02-16"),
            line("6b", "Q", 2, "2025-02-16"),
            line("7", "CARE", 1, "2025-02-20"),
            line("8", "P", 2),
            line("9", "P", 5, "2025-04-02"),
            line("10", "P", 3, "2025-03-24"),
            line("11", "P", 7, "2025-03-10"),
            line("12", "P", 7, "2025-03-10"),
        ],
        shipments=[
            shipment(1, "1a", 10, "2025-01-07 10:00:00", "2025-01-08 10:00:00"),
            shipment(2, "1b", 3, "2025-01-07 10:00:00", "2025-01-08 10:00:00"),
            # the rest five days after the promise
            shipment(3, "1b", 1, "2025-01-13 10:00:00", "2025-01-15 10:00:00"),
            # four days before the promise
            shipment(4, "2", 10, "2025-02-03 12:30:00", "2025-02-03 18:00:00"),
            shipment(5, "3a", 10, "2025-02-12 12:00:00", "2025-02-20 23:59:00"),
            # still on its way
            shipment(6, "3b", 5, "2025-03-01 12:00:00", None),
            shipment(7, "5", 100, "2025-02-12 12:00:00", "2025-02-13 12:00:00"),
            shipment(8, "6a", 10, "2025-02-13 08:00:00", "2025-02-14 08:00:00"),
            shipment(9, "8", 2, "2025-03-04 12:00:00", "2025-03-05 12:00:00"),
            # after the last day of data
            shipment(10, "10", 3, "2025-04-02 12:00:00", "2025-04-03 12:00:00"),
        ],
    )


def test_lines_by_promised_month(shipping: duckdb.DuckDBPyConnection) -> None:
    counts = "lines_due, on_time_lines, in_full_lines, otif_lines, early_lines, late_lines, undelivered_lines"
    assert cells(shipping, "kpi_fulfilment", counts, "company_size") == {
        # 1a on time in full; 1b in full, too late
        ("2025-01", "small"): (2, 1, 2, 1, 0, 1, 0),
        ("2025-01", "large"): (0, 0, 0, 0, 0, 0, 0),
        # 6a; 6b was cancelled the day before it was due
        ("2025-02", "small"): (1, 1, 1, 1, 0, 0, 0),
        # 2 came four days early, 3a late in the evening of the day itself
        ("2025-02", "large"): (2, 1, 2, 1, 1, 0, 0),
        # 10; 9 is due in April
        ("2025-03", "small"): (1, 0, 0, 0, 0, 1, 1),
        # 3b
        ("2025-03", "large"): (1, 0, 0, 0, 0, 1, 1),
    }
    rates = "on_time_rate, in_full_rate, otif_rate, late_rate, units_due, units_delivered, units_delivered_rate"
    found = cells(shipping, "kpi_fulfilment", rates, "company_size")
    assert found["2025-01", "small"] == (1 / 2, 1, 1 / 2, 1 / 2, 14, 14, 1)
    assert found["2025-01", "large"] == (None, None, None, None, 0, 0, None)
    assert found["2025-03", "large"] == (0, 0, 0, 1, 5, 0, 0)


def test_what_is_promised_for_the_last_day_is_missing_and_not_yet_late(compiled_project: CompiledProject) -> None:
    company = compiled_project.upstream_of("marts.kpi_fulfilment").run(
        orders=[{"order_id": "1", "guest_key": "g1", "ordered_at": "2025-03-31 09:00:00"}],
        order_lines=[{"order_line_id": "1", "order_id": "1", "product_id": "P", "quantity": 2, "unit_price": "10",
                      "promised_on": "2025-03-31"}],
    )  # fmt: skip
    columns = "lines_due, on_time_lines, late_lines, undelivered_lines, missing_days_median, missing_days_max"
    assert cells(company, "kpi_fulfilment", columns, "company_size") == {("2025-03", "unknown"): (1, 0, 0, 1, 0, 0)}


def test_orders_and_lateness_by_promised_month(shipping: duckdb.DuckDBPyConnection) -> None:
    lateness = "late_days_median, late_days_p90, missing_days_median, missing_days_max"
    columns = f"orders_due, otif_orders, order_otif_rate, {lateness}"
    assert cells(shipping, "kpi_fulfilment", columns, "company_size") == {
        # 10 to 15 January
        ("2025-01", "small"): (1, 0, 0, 5, 5, None, None),
        ("2025-01", "large"): (0, 0, None, None, None, None, None),
        ("2025-02", "small"): (1, 1, 1, None, None, None, None),
        # order 3 is due in March, with its last line
        ("2025-02", "large"): (1, 0, 0, None, None, None, None),
        # missing from 24 to 31 March, from 5 to 31 March: how late they will be nobody knows
        ("2025-03", "small"): (1, 0, 0, None, None, 7, 7),
        ("2025-03", "large"): (1, 0, 0, None, None, 26, 26),
    }


def test_wilson_bounds_and_flags(shipping: duckdb.DuckDBPyConnection) -> None:
    (row,) = records(
        shipping,
        "select otif_rate_low, otif_rate_high, on_time_rate_low, is_reportable, is_complete_period from kpi_fulfilment"
        " where month_start = '2025-01-01' and company_size = 'small'",
    )
    # 1 of 2: z2 = 3.8414647; centre .5; half width 1.959964 sqrt(.25/2 + z2/16) / (1 + z2/2) = .40547
    assert row["otif_rate_low"] == row["on_time_rate_low"] == pytest.approx(0.09453, abs=1e-5)
    assert row["otif_rate_high"] == pytest.approx(0.90547, abs=1e-5)
    # January begins on its 3rd
    assert (row["is_reportable"], row["is_complete_period"]) == (False, True)


def test_from_order_to_delivery(shipping: duckdb.DuckDBPyConnection) -> None:
    counts = (
        "orders_placed, cancelled_orders, orders_to_ship, shipped_orders, completed_orders, delivered_orders,"
        " waiting_orders, dropped_orders"
    )
    found = cells(shipping, "kpi_order_to_delivery", counts, "company_size")
    assert len(found) == 9
    assert {key: value for key, value in found.items() if value[0] != 0} == {
        ("2025-01", "small"): (1, 0, 1, 1, 1, 1, 0, 0),
        # 4 and 6; one line of 6 never left
        ("2025-02", "small"): (2, 2, 1, 1, 0, 0, 0, 0),
        # 2, 3 and the service; 3 is on its way
        ("2025-02", "large"): (3, 0, 2, 2, 2, 1, 0, 0),
        # 9 and 10
        ("2025-03", "small"): (2, 0, 2, 0, 0, 0, 2, 0),
        ("2025-03", "unknown"): (1, 0, 1, 1, 1, 1, 0, 0),
    }
    hours = (
        "order_to_ship_hours_median, order_to_ship_hours_p90, order_to_ship_working_days_median,"
        " order_to_complete_hours_median, order_to_complete_hours_p90, order_to_deliver_hours_median,"
        " order_to_deliver_hours_p90, waiting_days_median, waiting_days_max"
    )
    found = cells(shipping, "kpi_order_to_delivery", hours, "company_size")
    # 3 January 10:00 to the 7th, the 13th and the 15th; Monday and Tuesday
    assert found["2025-01", "small"] == (96, 96, 2, 240, 240, 288, 288, None, None)
    # 60 and 48 hours: 48 + .9 x 12; one working day (Saturday to Monday) and two; complete after 60 and 19 x 24 = 456
    assert found["2025-02", "large"] == (54, 58.8, 1.5, 258, 416.4, 65.5, 65.5, None, None)
    assert found["2025-02", "small"] == (24, 24, 1, None, None, None, None, None, None)
    # since 17 and 31 March
    assert found["2025-03", "small"] == (None, None, None, None, None, None, None, 7, 14)


def test_backorders_and_cancellations(shipping: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "order_lines, unpromised_lines, started_lines, backordered_lines, started_units, first_shipped_units,"
        " open_units, cancellation_rate, fill_rate, backorder_rate"
    )
    found = cells(shipping, "kpi_order_to_delivery", columns, "company_size")
    # three of the four of 1b left with the first shipment
    assert found["2025-01", "small"] == (2, 0, 2, 1, 14, 13, 0, 0, 13 / 14, 1 / 2)
    # 6b did not leave, and will not
    assert found["2025-02", "small"] == (2, 0, 2, 1, 12, 10, 0, 1, 10 / 12, 1 / 2)
    # 3b left weeks after 3a
    assert found["2025-02", "large"] == (3, 0, 3, 1, 25, 20, 0, 0, 20 / 25, 1 / 3)
    assert found["2025-03", "small"] == (2, 0, 0, 0, 0, 0, 8, 0, None, None)
    assert found["2025-03", "unknown"] == (1, 1, 1, 0, 2, 2, 0, 0, 1, 0)
    assert found["2025-01", "large"] == (0, 0, 0, 0, 0, 0, 0, None, None, None)


def test_without_shipments_nobody_waits(compiled_project: CompiledProject) -> None:
    company = compiled_project.upstream_of("marts.kpi_order_to_delivery").run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03"}],
        order_lines=[{"order_id": "1", "product_id": "P", "quantity": "1", "unit_price": "5"}],
    )
    assert company.execute("select count(*) from kpi_order_to_delivery").fetchone() == (0,)


@pytest.fixture(scope="module")
def stock(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    def order(number: str, day: str, **more: str) -> dict[str, Any]:
        return {"order_id": number, "account_id": "A1", "ordered_at": day, **more}

    def line(order: str, product: str, quantity: int, cost: int | None) -> dict[str, Any]:
        return {"order_line_id": f"{order}-{product}-{cost}", "order_id": order, "product_id": product,
                "quantity": quantity, "unit_price": "20", "unit_cost": cost}  # fmt: skip

    def count(day: str, product: str, quantity: int, value: int, location: str | None = None) -> dict[str, Any]:
        return {"inventory_snapshot_id": f"{day}-{product}-{location}", "snapshot_on": day, "product_id": product,
                "quantity": quantity, "value_amount": value, "location": location}  # fmt: skip

    ends = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31",
            "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31"]  # fmt: skip
    return compiled_project.upstream_of("marts.kpi_inventory", "marts.kpi_inventory_items").run(
        accounts=ACCOUNTS,
        products=PRODUCTS,
        exchange_rates=[{"rate_on": "2024-12-01", "currency_code": "EUR", "rate_to_base": "4"}],
        orders=[
            # thirteen months before the end: out of the twelve
            order("1", "2024-01-03"),
            order("2", "2024-02-10"),
            order("3", "2024-10-05"),
            order("4", "2024-11-20"),
            order("5", "2024-12-05", currency_code="EUR"),
            order("6", "2025-01-10"),
            order("7", "2025-01-11", cancelled_at="2025-01-12"),
            {"order_id": "8", "account_id": "TEST", "ordered_at": "2025-01-31"},
            # no sale, yet the last day of data
            {"order_id": "9", "account_id": "A1", "ordered_at": "2025-01-31", "order_type": "sample"},
        ],
        order_lines=[
            line("1", "P", 1, 5),
            line("2", "P", 30, 5),
            line("3", "Q", 1, 7),
            line("4", "P", 20, 5),
            # 5 EUR are 20 PLN
            line("5", "P", 1, 5),
            line("6", "P", 13, 5),
            line("6", "P", 2, None),
            # never counted: nothing to turn over
            line("6", "CARE", 3, 100),
            line("7", "P", 1000, 5),
            line("8", "P", 1000, 5),
        ],
        returns=[
            {"return_id": "1", "order_id": "4", "order_line_id": "4-P-5", "quantity": "4", "refund_amount": "80",
             "returned_at": "2025-01-20", "is_restocked": "true"},
            # scrapped: its cost stays spent
            {"return_id": "2", "order_id": "6", "order_line_id": "6-P-5", "quantity": "1", "refund_amount": "20",
             "returned_at": "2025-01-20", "is_restocked": "false"},
        ],
        inventory_snapshots=[
            *(count(day, "P", 10, 100) for day in ends),
            # a later count of the month replaces it
            count("2025-01-15", "P", 99, 990),
            count("2025-01-31", "P", 4, 40),
            count("2024-12-31", "Q", 3, 30),
            count("2025-01-31", "Q", 2, 20, "north"),
            count("2025-01-31", "Q", 1, 10, "south"),
            count("2024-06-30", "R", 5, 50),
            count("2025-01-31", "R", 5, 50),
            # after the last day of data
            count("2025-02-28", "P", 1, 10),
        ],
    )  # fmt: skip


def test_stock_and_turnover(stock: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "stock_units, stock_amount, cost_amount, cost_12m_amount, average_stock_amount, uncosted_12m_units, turnover,"
        " on_hand_days"
    )
    found = cells(stock, "kpi_inventory", columns, "category")
    assert len(found) == 13 * 2
    # P: twelve times 100 and 40, Q: 30 twice: (1240 + 60) / 13 = 100. Cost of February 2024 to January 2025: P 150 +
    # 100 + 20 + 65 less 20 taken back = 315, Q 7. January alone: 65 - 20
    assert found["2025-01", "Tools"] == (7, 70, 45, 322, 100, 2, 3.22, 365 / 3.22)
    # only twelve month ends
    assert found["2024-12", "Tools"] == (13, 130, 20, 282, None, 0, None, None)
    # of one month end of June and one of January; nothing sold: 0, and no days
    assert found["2025-01", "unknown"] == (5, 50, 0, 0, almost(7.6923), 0, 0, None)
    # not counted in July, when others were: gone
    assert found["2024-07", "unknown"][:2] == (0, 0)


def test_dead_stock_and_cover(stock: duckdb.DuckDBPyConnection) -> None:
    columns = "stocked_items, out_of_stock_items, dead_stock_items, dead_stock_amount, dead_stock_rate, weeks_of_cover"
    found = cells(stock, "kpi_inventory", columns, "category")
    # 92 days from November to January, in which goods for 100 + 20 + 65 - 20 = 165 were sold
    assert found["2025-01", "Tools"] == (2, 0, 0, 0, 0, 70 / 165 * 92 / 7)
    # R, first counted 215 days ago, was never sold
    assert found["2025-01", "unknown"] == (1, 0, 1, 50, 1, None)
    # Q sold in October, before it was ever counted
    assert found["2024-11", "Tools"][:2] == (1, 1)
    # P was sold on 10 February, and not again until November: 172 days to the end of July, 203 to that of August
    assert found["2024-07", "Tools"][2:4] == (0, 0)
    assert found["2024-08", "Tools"][2:5] == (1, 100, 1)


def test_stock_by_item(stock: duckdb.DuckDBPyConnection) -> None:
    rows = records(
        stock,
        "select split_part(product_id, ':', 2) as item, category, stock_units, stock_amount, sold_3m_units,"
        " sold_12m_units, turnover, weeks_of_cover, idle_days, is_dead_stock, is_out_of_stock, reason, counted_on,"
        " last_sold_on from kpi_inventory_items order by 1",
    )
    day = date(2025, 1, 31)
    assert [tuple(row.values()) for row in rows] == [
        # 20 + 1 + 13 + 2 - 4 - 1 = 31 units in three months, 30 more in twelve; 315 / (1240 / 13) = 3.3024
        ("P", "Tools", 4, 40, 31, 61, pytest.approx(3.3024, abs=1e-4), almost(4 / 31 * 92 / 7), 21, False, False,
         None, day, date(2025, 1, 10)),
        # 7 / (60 / 13); idle since its first count, not since the sale before
        ("Q", "Tools", 3, 30, 0, 1, pytest.approx(1.5167, abs=1e-4), None, 31, False, False,
         None, day, date(2024, 10, 5)),
        ("R", "unknown", 5, 50, 0, 0, 0, None, 215, True, False, "no sale for more than 180 days", day, None),
    ]  # fmt: skip


def test_turnover_of_items_is_that_of_the_last_complete_month(compiled_project: CompiledProject) -> None:
    # thirteen month ends to January, and a count of a February that ends on its 10th
    days = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31",
            "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31", "2025-01-31",
            "2025-02-10"]  # fmt: skip
    orders = {"2024-01-02": 9, "2024-06-03": 30, "2025-01-15": 20, "2025-02-10": 7}
    company = compiled_project.upstream_of("marts.kpi_inventory_items").run(
        products=[{"product_id": "P"}],
        orders=[{"order_id": day, "account_id": "A", "ordered_at": day} for day in orders],
        order_lines=[
            {"order_id": day, "product_id": "P", "quantity": str(units), "unit_price": "20", "unit_cost": "4"}
            for day, units in orders.items()
        ],
        inventory_snapshots=[
            {"inventory_snapshot_id": day, "snapshot_on": day, "product_id": "P", "quantity": "5",
             "value_amount": "999" if day == "2025-02-10" else "20"}
            for day in days
        ],
    )  # fmt: skip
    (item,) = records(
        company,
        "select stock_amount, sold_3m_units, sold_12m_units, cost_12m_amount, average_stock_amount, turnover,"
        " on_hand_days, turnover_month_start, counted_on from kpi_inventory_items",
    )
    # stock and pace are of February; 30 + 20 units of twelve months to January cost 200, against a stock of 20
    assert list(item.values()) == [
        999, 27, 50, 200, 20, 10, 36.5, date(2025, 1, 1), date(2025, 2, 10)
    ]  # fmt: skip


def test_suppliers(compiled_project: CompiledProject) -> None:
    def receipt(
        number: int,
        product: str,
        ordered: str,
        promised: str | None,
        received: str | None,
        units: int,
        got: int | None,
        defective: int | None,
        cost: int,
        currency: str | None = None,
    ) -> dict[str, Any]:
        return {"purchase_receipt_id": number, "supplier_id": "S1", "product_id": product, "ordered_on": ordered,
                "promised_on": promised, "received_on": received, "ordered_quantity": units,
                "received_quantity": got, "defective_quantity": defective, "unit_cost": cost,
                "currency_code": currency}  # fmt: skip

    company = compiled_project.upstream_of("marts.kpi_supplier").run(
        accounts=ACCOUNTS,
        products=PRODUCTS,
        suppliers=[
            {"supplier_id": "S1", "supplier_name": "One", "country_code": "PL", "lead_time_days": "14"},
            {"supplier_id": "S2"},
        ],
        exchange_rates=[{"rate_on": "2025-04-01", "currency_code": "EUR", "rate_to_base": "4"}],
        purchase_receipts=[
            # the twelve months before: P at 10, Q not bought again
            receipt(1, "P", "2024-05-01", "2024-05-11", "2024-05-11", 100, 100, 0, 10),
            receipt(2, "Q", "2024-06-01", "2024-06-11", "2024-06-11", 10, 10, 0, 1),
            # on the promised day, after ten days
            receipt(3, "P", "2025-03-01", "2025-03-11", "2025-03-11", 50, 50, 1, 11),
            # two days late, ten short, at 3 EUR
            receipt(4, "P", "2025-04-01", "2025-04-11", "2025-04-13", 50, 40, 3, 3, "EUR"),
            # eleven days overdue
            receipt(5, "P", "2025-12-01", "2025-12-20", None, 50, None, None, 11),
            receipt(6, "P", "2025-12-20", "2026-01-10", None, 50, None, None, 11),
            # not promised, not inspected, never bought before
            receipt(7, "R", "2025-05-01", None, "2025-05-21", 10, 10, None, 100),
            # received after the last day of data, one day overdue on it
            receipt(8, "P", "2025-12-15", "2025-12-30", "2026-01-05", 50, 50, 50, 11),
        ],
        orders=[
            {"order_id": "1", "account_id": "A1", "ordered_at": "2024-01-05"},
            {"order_id": "2", "account_id": "A1", "ordered_at": "2025-02-01"},
            {"order_id": "3", "account_id": "TEST", "ordered_at": "2025-12-31"},
            # no sale, yet the last day of data
            {"order_id": "4", "account_id": "A1", "ordered_at": "2025-12-31", "order_type": "sample"},
        ],
        order_lines=[
            {"order_line_id": "1", "order_id": "1", "product_id": "P", "quantity": "10", "unit_price": "20"},
            {"order_line_id": "2", "order_id": "2", "product_id": "P", "quantity": "20", "unit_price": "20",
             "promised_on": "2025-02-05"},
            {"order_line_id": "3", "order_id": "3", "product_id": "P", "quantity": "1000", "unit_price": "20"},
        ],
        returns=[
            # of an order before the twelve months
            {"return_id": "1", "order_id": "1", "order_line_id": "1", "quantity": "5", "refund_amount": "10",
             "returned_at": "2025-02-01"},
            {"return_id": "2", "order_id": "2", "order_line_id": "2", "quantity": "5", "refund_amount": "10",
             "returned_at": "2025-02-10"},
        ],
        reviews=[
            {"review_id": "1", "product_id": "P", "account_id": "A1", "score": "5", "reviewed_at": "2025-06-01"},
            {"review_id": "2", "product_id": "P", "score": "2", "reviewed_at": "2025-07-01"},
            {"review_id": "3", "product_id": "P", "account_id": "TEST", "score": "1", "reviewed_at": "2025-07-01"},
            {"review_id": "4", "product_id": "P", "account_id": "A1", "score": "1", "reviewed_at": "2024-05-01"},
        ],
    )  # fmt: skip
    one, two = records(company, "select * from kpi_supplier order by supplier_id")
    expected = {
        "receipts": 3,
        "receipts_due": 4,
        "on_time_receipts": 1,
        "on_time_rate": 1 / 4,
        "ordered_units": 110,
        "received_units": 100,
        "inspected_units": 90,
        "defective_units": 4,
        "received_rate": 100 / 110,
        "defect_rate": 4 / 90,
        "quality_rate": 86 / 90,
        # 50 x 11 + 40 x 12 + 10 x 100
        "received_amount": 2030,
        # 10, 12 and 20 days: 12 + .8 x 8
        "lead_time_days_median": 12,
        "lead_time_days_p90": 18.4,
        "agreed_lead_time_days": 14,
        # 0, 2, 11 and 1
        "lateness_days_median": 1.5,
        "compared_items": 1,
        # 90 units of P for 1030; at 10 they were 900
        "compared_amount": 1030,
        "compared_at_old_prices_amount": 900,
        "price_change_rate": 130 / 900,
        "sold_units": 20,
        "returned_units": 5,
        "return_rate": 1 / 4,
        "lines_due": 1,
        "otif_lines": 0,
        "late_lines": 1,
        "otif_rate": 0,
        "late_rate": 1,
        "reviews": 2,
        "review_points": 7,
        "review_score": 3.5,
        "delivery_score": 25,
        # 4.44 of at most 5 per cent
        "quality_score": 100 * (1 - (4 / 90) / 0.05),
        # 14 per cent dearer: more than the 10 that are worth nothing
        "price_score": 0,
        "supplier_score": 0.4 * 25 + 0.4 * 100 * (1 - (4 / 90) / 0.05),
        "is_reportable": False,
    }
    assert {name: one[name] for name in expected} == {name: almost(value) for name, value in expected.items()}
    # 1 of 4: the centre is (.25 + z2/8) / (1 + z2/4) = .3725
    assert (one["on_time_rate_low"], one["on_time_rate_high"]) == (
        pytest.approx(0.04559, abs=1e-5),
        pytest.approx(0.69936, abs=1e-5),
    )
    assert (two["supplier_name"], two["country_code"], two["receipts"]) == ("flat_file:S2", "unknown", 0)
    rates = ("on_time_rate", "quality_rate", "price_change_rate", "return_rate", "review_score", "supplier_score")
    assert all(two[rate] is None for rate in rates)
