"""The marts of operations find what is planted in the demo company, and agree with the facts."""

import pytest
from command_line import CommandLine


def test_the_poor_supplier_and_the_slow_one(demo: CommandLine) -> None:
    suppliers = {
        row["supplier"]: row
        for row in demo.rows("select split_part(supplier_id, ':', 2) as supplier, * from kpi_supplier")
    }
    assert len(suppliers) == 20
    poor, slow = suppliers.pop("S13"), suppliers.pop("S07")
    # one unit in ten defective on receipt
    assert poor["defect_rate"] == pytest.approx(0.1, abs=0.02)
    assert all(other["defect_rate"] < 0.01 for other in [slow, *suppliers.values()])
    # six days later than promised
    assert slow["lateness_days_median"] == 6
    assert all(other["lateness_days_median"] <= 1 for other in [poor, *suppliers.values()])
    # its goods come back, reviews are poor, and what waits for the slow one's goods is late
    assert poor["return_rate"] > max(other["return_rate"] for other in suppliers.values())
    assert poor["review_score"] < sum(other["review_points"] for other in suppliers.values()) / sum(
        other["reviews"] for other in suppliers.values()
    )
    assert slow["late_rate"] > max(other["late_rate"] for other in suppliers.values() if other["lines_due"] >= 100)
    # and the score puts these two last
    assert max(poor["supplier_score"], slow["supplier_score"]) < min(
        other["supplier_score"] for other in suppliers.values()
    )


def test_orders_cancelled_after_shipment_stay_and_others_do_not(demo: CommandLine) -> None:
    (row,) = demo.rows(
        "select sum(orders_placed) as placed, sum(cancelled_orders) as cancelled from kpi_order_to_delivery"
    )
    (orders,) = demo.rows(
        "select count(*) filter (where is_valid) as valid,"
        " count(*) filter (where exclusion_reason = 'cancelled') as cancelled_before,"
        " count(*) filter (where is_valid and is_cancelled_after_shipment) as cancelled_after from fct_orders"
    )
    assert orders["cancelled_after"] == 7
    assert row["cancelled"] == orders["cancelled_before"] + 7
    assert row["placed"] == orders["valid"] + orders["cancelled_before"]


def test_lines_and_units_are_those_of_the_facts(demo: CommandLine) -> None:
    (mart,) = demo.rows("select sum(order_lines) as lines, sum(started_units) as units from kpi_order_to_delivery")
    # every item of the demo has to be delivered
    assert mart["lines"] == demo.value("select count(*) from fct_order_lines where is_valid and quantity > 0")
    shipped = demo.value(
        "select sum(quantity) from fct_order_lines where is_valid and order_id in"
        " (select order_id from fct_shipments where is_valid)"
    )
    assert float(mart["units"]) == pytest.approx(float(shipped))
    due = demo.value(
        "select count(*) from fct_order_lines as lines cross join publication_info as info"
        " where lines.is_valid and lines.promised_on <= info.as_of_on"
    )
    judged = demo.value("select sum(lines_due) from kpi_fulfilment")
    # only lines of the seven cancelled orders may not be due
    cancelled = demo.value(
        "select count(*) from fct_order_lines where order_id in"
        " (select order_id from fct_orders where is_cancelled_after_shipment)"
    )
    assert due - cancelled <= judged <= due


def test_stock_is_that_of_the_last_counts(demo: CommandLine) -> None:
    (month,) = demo.rows(
        "select sum(stock_amount) as stock, sum(stock_units) as units, sum(cost_12m_amount) as cost from kpi_inventory"
        " where month_start = '2026-08-01'"
    )
    (facts,) = demo.rows(
        "select sum(value_amount) as stock, sum(quantity) as units from fct_inventory_snapshots"
        " where snapshot_on = '2026-08-31'"
    )
    assert (month["stock"], month["units"]) == (facts["stock"], facts["units"])
    # all items of the demo are counted: cost of goods sold is that of the margin
    margin = demo.value(
        "select sum(cost_amount) from kpi_margin where month_start between '2025-09-01' and '2026-08-01'"
    )
    assert float(month["cost"]) == pytest.approx(float(margin))
    items = demo.value("select sum(stock_amount) from kpi_inventory_items")
    last = demo.value(
        "select sum(stock_amount) from kpi_inventory where counted_on = (select max(counted_on) from kpi_inventory)"
    )
    assert items == last
    # September is not over: what sold in the twelve months to August is known of all that were counted 13 times
    (filled,) = demo.rows(
        "select count(*) as items, count(average_stock_amount) as averaged, count(turnover) as turned,"
        " count(on_hand_days) as days, min(turnover_month_start) as month_start, sum(cost_12m_amount) as cost"
        " from kpi_inventory_items"
    )
    assert (filled["averaged"], filled["turned"]) == (filled["items"], filled["items"])
    assert filled["days"] > 0.95 * filled["items"]
    assert filled["month_start"] == "2026-08-01"
    assert float(filled["cost"]) == pytest.approx(float(margin))


def test_rates_that_managers_would_believe(demo: CommandLine) -> None:
    (year,) = demo.rows(
        "select sum(late_lines) / sum(lines_due) as late, sum(in_full_lines) / sum(lines_due) as in_full"
        " from kpi_fulfilment where month_start between '2025-09-01' and '2026-08-01'"
    )
    assert 0.1 < year["late"] < 0.25
    assert year["in_full"] > 0.98
    on_time = demo.rows(
        "select value from kpi_board where metric = 'on_time_delivery_rate' and is_complete_period order by month_start"
    )
    # July 2024 to August 2026
    assert len(on_time) == 26
    assert all(0.7 < month["value"] < 0.98 for month in on_time)
    # what comes late comes within days, whatever never comes
    (lateness,) = demo.rows(
        "select max(late_days_p90) as late, max(missing_days_max) as missing from kpi_fulfilment where late_lines > 0"
    )
    assert 3 < lateness["late"] < 30 < lateness["missing"]
