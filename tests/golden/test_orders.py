"""Channels, digital influence and returns on a company small enough to be worked out by hand.

It reports in PLN, cuts days in Warsaw, and is as of 1 April 2025. What is awkward about each row is said beside it; the
expected values follow from these remarks alone.
"""

from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

ORDERS = [
    {"order_id": "1", "account_id": "A1", "ordered_at": "2025-01-05", "order_channel": "web_self_service"},
    # from a quote that the seller had sent: the buyer did not do it alone
    {"order_id": "2", "account_id": "A1", "ordered_at": "2025-01-06", "order_channel": "web_self_service",
     "quote_id": "Q1"},
    # from a quote that nobody answered
    {"order_id": "3", "account_id": "A2", "ordered_at": "2025-01-07", "order_channel": "web_self_service",
     "quote_id": "Q2"},
    {"order_id": "4", "account_id": "A1", "ordered_at": "2025-01-08", "order_channel": "phone"},
    {"order_id": "5-cancelled", "account_id": "A1", "ordered_at": "2025-01-09", "order_channel": "phone",
     "cancelled_at": "2025-01-10"},
    # shipped on 11 January
    {"order_id": "6-cancelled-late", "account_id": "A1", "ordered_at": "2025-01-10", "order_channel": "phone",
     "cancelled_at": "2025-02-03"},
    # cancelled, but no sales before: replacement, test, nothing charged, nobody's
    {"order_id": "7-replacement", "account_id": "A1", "ordered_at": "2025-01-11", "order_channel": "phone",
     "order_type": "replacement", "cancelled_at": "2025-01-12"},
    {"order_id": "8-test", "account_id": "TEST", "ordered_at": "2025-01-11", "order_channel": "phone",
     "cancelled_at": "2025-01-12"},
    {"order_id": "9-zero", "account_id": "A1", "ordered_at": "2025-01-11", "order_channel": "phone",
     "cancelled_at": "2025-01-12"},
    {"order_id": "10-nobody", "ordered_at": "2025-01-11", "order_channel": "phone", "cancelled_at": "2025-01-12"},
    {"order_id": "11-guest", "guest_key": "g", "ordered_at": "2025-02-02"},
    {"order_id": "12", "account_id": "A2", "ordered_at": "2025-02-10", "order_channel": "edi", "currency_code": "EUR"},
    {"order_id": "13", "account_id": "A1", "ordered_at": "2025-02-20", "order_channel": "sales_rep"},
]  # fmt: skip
ORDER_LINES = [
    # gross 110, net 100
    {"order_line_id": "1-1", "order_id": "1", "product_id": "P", "quantity": "2", "list_unit_price": "45",
     "unit_price": "40"},
    {"order_line_id": "1-2", "order_id": "1", "product_id": "P", "quantity": "1", "unit_price": "20"},
    {"order_line_id": "2-1", "order_id": "2", "product_id": "P", "quantity": "1", "unit_price": "50"},
    {"order_line_id": "3-1", "order_id": "3", "product_id": "P", "quantity": "1", "unit_price": "30"},
    {"order_line_id": "4-1", "order_id": "4", "product_id": "P", "quantity": "1", "unit_price": "40"},
    {"order_line_id": "5-1", "order_id": "5-cancelled", "product_id": "P", "quantity": "1", "unit_price": "200"},
    {"order_line_id": "6-1", "order_id": "6-cancelled-late", "product_id": "P", "quantity": "1", "unit_price": "60"},
    {"order_line_id": "7-1", "order_id": "7-replacement", "product_id": "P", "quantity": "1", "unit_price": "999"},
    {"order_line_id": "8-1", "order_id": "8-test", "product_id": "P", "quantity": "1", "unit_price": "999"},
    {"order_line_id": "9-1", "order_id": "9-zero", "product_id": "P", "quantity": "1", "unit_price": "0"},
    {"order_line_id": "10-1", "order_id": "10-nobody", "product_id": "P", "quantity": "1", "unit_price": "999"},
    {"order_line_id": "11-1", "order_id": "11-guest", "product_id": "P", "quantity": "1", "unit_price": "70"},
    # 40 PLN; shipping is no sale
    {"order_line_id": "12-1", "order_id": "12", "product_id": "P", "quantity": "1", "unit_price": "10"},
    {"order_line_id": "12-2", "order_id": "12", "product_id": "SHIP", "quantity": "1", "unit_price": "5"},
    {"order_line_id": "13-1", "order_id": "13", "product_id": "P", "quantity": "1", "unit_price": "10"},
]  # fmt: skip
SHIPMENTS = [
    {"shipment_line_id": "1", "order_line_id": "1-1", "quantity": "2", "shipped_at": "2025-01-06"},
    {"shipment_line_id": "2", "order_line_id": "6-1", "quantity": "1", "shipped_at": "2025-01-11"},
    {"shipment_line_id": "3", "order_line_id": "11-1", "quantity": "1", "shipped_at": "2025-02-03"},
    # of an order that does not count
    {"shipment_line_id": "4", "order_line_id": "8-1", "quantity": "99", "shipped_at": "2025-01-11"},
]
RETURNS = [
    {"return_id": "R1", "account_id": "A1", "returned_at": "2025-02-05", "refund_amount": "5"},
    # two lines of one document
    {"return_id": "R2", "credit_note_id": "C", "order_id": "1", "order_line_id": "1-1", "returned_at": "2025-02-06",
     "quantity": "1", "refund_amount": "20", "reason": "damaged"},
    {"return_id": "R3", "credit_note_id": "C", "order_id": "1", "order_line_id": "1-2", "returned_at": "2025-02-06",
     "refund_amount": "2", "reason": "damaged"},
    # 61 days after shipment
    {"return_id": "R4", "order_id": "1", "order_line_id": "1-1", "returned_at": "2025-03-08", "quantity": "1",
     "refund_amount": "20", "reason": "damaged"},
    {"return_id": "R5-test", "order_id": "8-test", "order_line_id": "8-1", "returned_at": "2025-02-06",
     "quantity": "1", "refund_amount": "999", "reason": "damaged"},
]  # fmt: skip
WEB_EVENTS = [
    # anonymous; since then visits are known
    {"event_id": "1", "visitor_id": "V0", "occurred_at": "2024-11-01T10:00:00Z", "event_name": "page_view"},
    # five days before order 4, seven before order 6, 48 before order 13
    {"event_id": "2", "visitor_id": "V1", "occurred_at": "2025-01-03T10:00:00Z", "event_name": "product_view",
     "contact_id": "C1"},
    {"event_id": "3", "visitor_id": "V0", "occurred_at": "2025-04-01T10:00:00Z", "event_name": "page_view"},
]  # fmt: skip


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    project = compiled_project.upstream_of(
        "marts.kpi_order_channel", "marts.kpi_digital_influence", "marts.kpi_returns"
    )
    return project.run(
        accounts=[{"account_id": "A1"}, {"account_id": "A2"}, {"account_id": "TEST", "is_test": "true"}],
        contacts=[{"contact_id": "C1", "account_id": "A1"}],
        products=[{"product_id": "P"}, {"product_id": "SHIP", "product_type": "shipping"}],
        exchange_rates=[{"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4"}],
        quotes=[
            {"quote_id": "Q1", "account_id": "A1", "requested_at": "2025-01-01", "sent_at": "2025-01-02"},
            {"quote_id": "Q2", "account_id": "A2", "requested_at": "2025-01-01"},
        ],
        orders=ORDERS,
        order_lines=ORDER_LINES,
        shipments=SHIPMENTS,
        returns=RETURNS,
        web_events=WEB_EVENTS,
    )


def rows(company: duckdb.DuckDBPyConnection, table: str, member: str) -> dict[str, dict[str, Any]]:
    """Rows of a mart by month and another column, such as `01 phone`; `all phone` is that of all complete months."""
    key = f"coalesce(strftime(month_start, '%m'), 'all') || ' ' || {member}"
    found = records(company, f"select {key} as row_key, * from {table}")
    keyed = {row.pop("row_key"): row for row in found}
    assert len(keyed) == len(found)
    return keyed


def check(row: dict[str, Any], **expected: Any) -> None:
    """The columns named have the expected values."""
    actual = {column: row[column] for column in expected}
    assert actual == {
        column: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
        for column, value in expected.items()
    }


def test_order_channel(company: duckdb.DuckDBPyConnection) -> None:
    found = rows(company, "kpi_order_channel", "order_channel")
    # November to April and all complete months, five channels
    assert len(found) == 7 * 5
    # orders of 100, 50 and 30
    check(
        found["01 web_self_service"],
        orders=3, period_orders=5, self_service_orders=2, cancelled_orders=0, placed_orders=3, accounts=2, lines=4,
        units=5, gross_sales_amount=190, gross_sales_incl_cancelled_amount=190, sales_amount=180,
        self_service_sales_amount=130, returns_amount=0, net_sales_amount=180, period_net_sales_amount=280,
        average_order_amount=60.0, median_order_amount=50.0, lines_per_order=4 / 3, units_per_order=5 / 3,
        order_share_rate=3 / 5, net_sales_share_rate=180 / 280, self_service_rate=2 / 3, cancellation_rate=0.0,
        is_reportable=False, is_complete_period=True,
    )  # fmt: skip
    # 40 and 60, which was cancelled later; 200 was cancelled before anything was shipped
    check(
        found["01 phone"],
        orders=2, cancelled_orders=1, cancelled_after_shipment_orders=1, placed_orders=3, self_service_orders=0,
        gross_sales_amount=100, gross_sales_incl_cancelled_amount=300, sales_amount=100, net_sales_amount=100,
        cancellation_rate=2 / 3, self_service_rate=0.0,
    )  # fmt: skip
    # taken back in February, in the channel it came by: no order, so no order size
    check(
        found["02 phone"],
        orders=0, sales_amount=0, returns_amount=60, net_sales_amount=-60, average_order_amount=None,
        median_order_amount=None, lines_per_order=None, cancellation_rate=None, self_service_rate=None,
        # 70 + 40 + 10, less 5, 22 and 60
        period_net_sales_amount=33,
    )  # fmt: skip
    check(found["02 web_self_service"], orders=0, returns_amount=22, net_sales_amount=-22)
    # the guest's order and the credit that names no order
    check(found["02 unknown"], orders=1, accounts=1, sales_amount=70, returns_amount=5, net_sales_amount=65)
    check(found["02 edi"], orders=1, self_service_orders=1, lines=1, units=1, sales_amount=40)
    check(found["04 edi"], orders=0, net_sales_amount=0, order_share_rate=None, is_complete_period=False)
    # to March: the orders of January and February, 280 + 33, less 20 that came back in March. A1 ordered twice by
    # phone, 40 and 60
    check(
        found["all phone"],
        period="all", month_start=None, orders=2, period_orders=8, cancelled_orders=1, placed_orders=3, accounts=1,
        sales_amount=100, returns_amount=60, net_sales_amount=40, period_net_sales_amount=293,
        average_order_amount=50.0, median_order_amount=50.0, order_share_rate=2 / 8, net_sales_share_rate=40 / 293,
        cancellation_rate=2 / 3, is_complete_period=False,
    )  # fmt: skip
    # A1 and A2, who bought from each other's channels, are two accounts
    check(found["all web_self_service"], orders=3, accounts=2, net_sales_amount=180 - 42, self_service_rate=2 / 3)


def test_digital_influence(company: duckdb.DuckDBPyConnection) -> None:
    found = rows(company, "kpi_digital_influence", "order_channel")
    # six months and all complete ones, phone and sales_rep; EDI and orders without channel are not offline
    assert len(found) == 7 * 2
    # Wilson for 2 of 2: 2 / (2 + 3.841459) to 1
    check(
        found["01 phone"],
        offline_orders=2, influenced_orders=2, sales_amount=100, influenced_sales_amount=100,
        influenced_order_rate=1.0, influenced_order_rate_low=2 / 5.841459, influenced_order_rate_high=1.0,
        influenced_sales_rate=1.0, median_days_since_research=6.0, is_reportable=False, is_complete_period=True,
    )  # fmt: skip
    check(
        found["02 sales_rep"],
        offline_orders=1, influenced_orders=0, sales_amount=10, influenced_sales_amount=0, influenced_order_rate=0.0,
        influenced_sales_rate=0.0, median_days_since_research=None, is_complete_period=True,
    )  # fmt: skip
    check(found["02 phone"], offline_orders=0, influenced_order_rate=None, influenced_order_rate_low=None)
    # visits are known from 1 November on: 30 days before December, not before November
    complete = {key[:2] for key, row in found.items() if row["is_complete_period"]}
    assert complete == {"12", "01", "02", "03"}
    check(
        found["all phone"],
        period="all", month_start=None, offline_orders=2, influenced_orders=2, sales_amount=100,
        influenced_order_rate=1.0, influenced_order_rate_high=1.0, median_days_since_research=6.0,
        is_complete_period=False,
    )  # fmt: skip
    check(found["all sales_rep"], offline_orders=1, influenced_orders=0, influenced_order_rate=0.0)


def test_thirty_orders_of_several_months_may_be_shown(compiled_project: CompiledProject) -> None:
    # 15 orders by phone in January and 15 in February; 10 in March, which is not over
    days = {"2025-01-02": 15, "2025-02-03": 15, "2025-03-04": 10}
    orders = [
        {"order_id": f"{day} {number}", "account_id": f"A{number}", "ordered_at": day, "order_channel": "phone"}
        for day, count in days.items() for number in range(count)
    ]  # fmt: skip
    company = compiled_project.upstream_of("marts.kpi_order_channel", "marts.kpi_digital_influence").run(
        orders=orders,
        order_lines=[{"order_id": order["order_id"], "quantity": "1", "unit_price": "10"} for order in orders],
        # two months before: January is complete
        web_events=[
            {"event_id": "1", "visitor_id": "V", "occurred_at": "2024-11-03T10:00:00Z", "event_name": "page_view"}
        ],
    )
    for mart, column in (("kpi_order_channel", "orders"), ("kpi_digital_influence", "offline_orders")):
        found = company.execute(f"select {column}, is_reportable from {mart} where {column} > 0 order by period")
        assert found.fetchall() == [(15, False), (15, False), (10, False), (30, True)]
    (accounts,) = company.execute("select accounts from kpi_order_channel where period = 'all'").fetchone()
    assert accounts == 15


def test_returns(company: duckdb.DuckDBPyConnection) -> None:
    found = rows(company, "kpi_returns", "reason")
    assert {key[3:] for key in found} == {"damaged", "cancelled", "unknown"}
    # 22 of sales of 120; one unit, as the other line names no quantity
    check(
        found["02 damaged"],
        returned_lines=2, credit_notes=1, returned_units=1, returns_amount=22, month_sales_amount=120,
        returns_to_sales_rate=22 / 120, cohort_returned_units=0, cohort_shipped_units=1, cohort_return_rate=None,
        cohort_return_rate_low=None, cohort_return_rate_high=None, is_cohort_complete=False, is_complete_period=True,
    )  # fmt: skip
    check(found["02 cancelled"], returned_lines=1, returned_units=1, returns_amount=60)
    check(found["02 unknown"], returned_lines=1, returned_units=0, returns_amount=5)
    # of three units shipped in January; 60 days after its end are over on 1 April. The unit of 8 March came too late
    check(
        found["01 damaged"],
        returned_lines=0, returns_amount=0, returns_to_sales_rate=0.0, cohort_returned_units=1,
        cohort_shipped_units=3, cohort_return_rate=1 / 3, is_cohort_complete=True,
        # Wilson for 1 of 3: (1 + 1.920730 -+ 1.959964 sqrt(2 / 3 + 0.960365)) / 6.841459; the three units are two lines
        cohort_return_rate_low=0.061492, cohort_return_rate_high=0.792340,
        cohort_shipped_lines=2, is_cohort_return_rate_reportable=False,
    )  # fmt: skip
    check(found["01 cancelled"], cohort_returned_units=1, cohort_return_rate=1 / 3)
    check(found["01 unknown"], cohort_returned_units=0, cohort_return_rate=0.0)
    # nothing was sold or shipped in March
    check(found["03 damaged"], returns_amount=20, returns_to_sales_rate=None, cohort_shipped_units=0)
    check(found["12 damaged"], cohort_return_rate=None, is_cohort_complete=True)


def test_what_a_return_belongs_to_and_is_worth(compiled_project: CompiledProject) -> None:
    order = {"account_id": "A", "currency_code": "EUR", "ordered_at": "2025-01-05"}
    euros = {"currency_code": "EUR", "refund_amount": "10"}
    shop = compiled_project.upstream_of("marts.fct_returns", "marts.rejected_rows").run(
        accounts=[{"account_id": "A"}],
        # for 31 days from each on there is a rate: none on 10 March
        exchange_rates=[
            {"rate_on": "2025-01-01", "currency_code": "EUR", "rate_to_base": "4"},
            {"rate_on": "2025-01-20", "currency_code": "EUR", "rate_to_base": "4.5"},
            {"rate_on": "2025-01-20", "currency_code": "USD", "rate_to_base": "3"},
        ],
        orders=[{"order_id": "1", **order}, {"order_id": "2", **order}],
        order_lines=[
            {"order_line_id": "1-1", "order_id": "1", "product_id": "P", "quantity": "5", "unit_price": "10",
             "unit_cost": "6"},
            {"order_line_id": "2-1", "order_id": "2", "product_id": "Q", "quantity": "5", "unit_price": "10"},
        ],
        returns=[
            {"return_id": "line only", "order_line_id": "1-1", "quantity": "1", "returned_at": "2025-01-25", **euros},
            {"return_id": "no rate on its day", "order_id": "1", "returned_at": "2025-03-10", **euros},
            {"return_id": "line only and no rate", "order_line_id": "2-1", "returned_at": "2025-03-10", **euros},
            {"return_id": "dollars", "order_id": "1", "returned_at": "2025-01-25", "currency_code": "USD",
             "refund_amount": "10"},
            {"return_id": "dollars and no rate", "order_id": "1", "returned_at": "2025-03-10", "currency_code": "USD",
             "refund_amount": "10"},
            {"return_id": "no order", "account_id": "A", "returned_at": "2025-01-25", **euros},
            {"return_id": "no order and no rate", "account_id": "A", "returned_at": "2025-03-10", **euros},
            {"return_id": "line of another order", "order_id": "2", "order_line_id": "1-1",
             "returned_at": "2025-01-25", **euros},
            {"return_id": "unknown line", "order_line_id": "9-9", "returned_at": "2025-01-25", **euros},
        ],
    )  # fmt: skip
    found = shop.execute(
        "select split_part(return_id, ':', 2), split_part(order_id, ':', 2), split_part(account_id, ':', 2),"
        " split_part(product_id, ':', 2), refund_amount, fx_difference_amount, cost_amount from fct_returns order by 1"
    ).fetchall()
    assert found == [
        ("dollars", "1", "A", None, 30, 0, None),
        # forty at the order's rate, forty-five at that of 25 January; 6 EUR of cost
        ("line only", "1", "A", "P", 40, 5, 24),
        ("line only and no rate", "2", "A", "Q", 40, None, None),
        ("no order", None, "A", None, 45, 0, None),
        ("no rate on its day", "1", "A", None, 40, None, None),
    ]
    rejected = shop.execute("select split_part(row_key, ':', 2), detail from rejected_rows order by 1").fetchall()
    assert rejected == [
        ("dollars and no rate", "missing_exchange_rate: USD on 2025-03-10"),
        ("line of another order", "impossible_value: the line belongs to another order"),
        ("no order and no rate", "missing_exchange_rate: EUR on 2025-03-10"),
        ("unknown line", "dangling_reference: order_line_id flat_file:9-9 is not in order_lines"),
    ]
