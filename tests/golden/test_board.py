"""The headline metrics on a company small enough to be worked out by hand.

The company reports in PLN and cuts days in Warsaw (UTC+1 in winter). What is awkward about each row is said beside it;
the expected values follow from these remarks alone.
"""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, board, compile_project, records

ACCOUNTS = [
    {"account_id": "A1", "company_size": "small"},
    {"account_id": "A2", "company_size": "medium"},
    {"account_id": "TEST", "is_test": "true"},
]
EXCHANGE_RATES = [
    {"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4.20"},
    {"rate_on": "2025-03-01", "currency_code": "EUR", "rate_to_base": "4.40"},
]
ORDERS = [
    # data start in the first week of January, so January is a complete month
    {"order_id": "1", "account_id": "A1", "ordered_at": "2025-01-03 10:00:00"},
    # January in UTC, February in Warsaw
    {"order_id": "2", "account_id": "A1", "ordered_at": "2025-01-31T23:45:00Z", "order_channel": "web_self_service",
     "quote_id": "1"},
    {"order_id": "3", "account_id": "A2", "ordered_at": "2025-02-10", "currency_code": "EUR",
     "order_discount_amount": "10"},
    {"order_id": "4-cancelled", "account_id": "A1", "ordered_at": "2025-02-11", "cancelled_at": "2025-02-12"},
    {"order_id": "5-test", "account_id": "TEST", "ordered_at": "2025-02-12"},
    {"order_id": "6-guest", "guest_key": "g1", "ordered_at": "2025-02-15"},
    {"order_id": "7-guest", "guest_key": "g2", "ordered_at": "2025-02-16"},
    {"order_id": "8-replacement", "account_id": "A2", "ordered_at": "2025-02-17", "order_type": "replacement"},
    {"order_id": "9-nobody", "ordered_at": "2025-02-18"},
    {"order_id": "10-no-rate", "account_id": "A2", "ordered_at": "2025-02-19", "currency_code": "NOK"},
    {"order_id": "11", "account_id": "A1", "ordered_at": "2025-03-05"},
    {"order_id": "11", "account_id": "A1", "ordered_at": "2025-03-05"},
    {"order_id": "12-zero", "account_id": "A2", "ordered_at": "2025-03-06"},
    # 03:30 on the day the clocks go forward, then the last day of data
    {"order_id": "13", "account_id": "A1", "ordered_at": "2025-03-30 03:30:00"},
    {"order_id": "14", "account_id": "A2", "ordered_at": "2025-03-31 23:59:59"},
]  # fmt: skip
ORDER_LINES = [
    # two at 100 instead of 110: gross 220, discount 20, net 200
    {"order_line_id": "1-1", "order_id": "1", "product_id": "P", "quantity": "2", "list_unit_price": "110",
     "unit_price": "100", "unit_cost": "70", "promised_on": "2025-01-10"},
    # no cost known: out of the margin, sales and all
    {"order_line_id": "2-1", "order_id": "2", "product_id": "P", "quantity": "1", "unit_price": "60",
     "promised_on": "2025-02-05"},
    # (50 - 10) EUR x 4.20 = 168 PLN, which cost 30 EUR x 4.20 = 126 PLN
    {"order_line_id": "3-1", "order_id": "3", "product_id": "P", "quantity": "1", "unit_price": "50",
     "unit_cost": "30", "promised_on": "2025-02-14"},
    {"order_id": "4-cancelled", "product_id": "P", "quantity": "1", "unit_price": "1000"},
    {"order_id": "5-test", "product_id": "P", "quantity": "1", "unit_price": "1000"},
    {"order_id": "6-guest", "product_id": "P", "quantity": "1", "unit_price": "30"},
    {"order_id": "7-guest", "product_id": "P", "quantity": "1", "unit_price": "40"},
    {"order_id": "8-replacement", "product_id": "P", "quantity": "1", "unit_price": "1000"},
    {"order_id": "9-nobody", "product_id": "P", "quantity": "1", "unit_price": "1000"},
    {"order_id": "10-no-rate", "product_id": "P", "quantity": "1", "unit_price": "1000"},
    # 100 of goods; 15 of shipping is no sale
    {"order_id": "11", "product_id": "P", "quantity": "1", "unit_price": "100"},
    {"order_id": "11", "product_id": "SHIP", "quantity": "1", "unit_price": "15"},
    {"order_id": "12-zero", "product_id": "P", "quantity": "5", "unit_price": "0"},
    {"order_id": "13", "product_id": "P", "quantity": "1", "unit_price": "20"},
    {"order_id": "14", "product_id": "P", "quantity": "1", "unit_price": "70"},
    {"order_id": "14", "product_id": "P", "quantity": "many", "unit_price": "70"},
]  # fmt: skip
PRODUCTS = [{"product_id": "P"}, {"product_id": "SHIP", "product_type": "shipping"}]
RETURNS = [
    # returned in a later month than sold: lowers February, not January
    {"return_id": "R1", "order_id": "1", "returned_at": "2025-02-20", "refund_amount": "50"},
    # 10 EUR at the order's own rate of 4.20, not at March's 4.40
    {"return_id": "R2", "order_id": "3", "order_line_id": "3-1", "quantity": "0", "returned_at": "2025-03-10",
     "refund_amount": "10", "currency_code": "EUR"},
    # a credit that names no order
    {"return_id": "R3", "account_id": "A1", "returned_at": "2025-03-11", "refund_amount": "5"},
    {"return_id": "R4-test", "order_id": "5-test", "returned_at": "2025-03-12", "refund_amount": "1000"},
    {"return_id": "R5-cancelled", "order_id": "4-cancelled", "returned_at": "2025-03-12", "refund_amount": "1000"},
]  # fmt: skip
CONTACTS = [{"contact_id": "C1", "account_id": "A1"}, {"contact_id": "STAFF", "account_id": "TEST"}]
WEB_EVENTS = [
    # one session over midnight in Warsaw: it belongs to January, where it began
    {"event_id": "1", "visitor_id": "V1", "occurred_at": "2025-01-31T22:50:00Z", "event_name": "page_view"},
    {"event_id": "2", "visitor_id": "V1", "occurred_at": "2025-01-31T23:10:00Z", "event_name": "page_view"},
    # exactly 30 minutes later: a new session, in February, and the one that orders
    {"event_id": "3", "visitor_id": "V1", "occurred_at": "2025-01-31T23:40:00Z", "event_name": "page_view"},
    {"event_id": "4", "visitor_id": "V1", "occurred_at": "2025-01-31T23:45:00Z", "event_name": "purchase",
     "order_id": "2", "contact_id": "C1"},
    # the tracker sent it twice
    {"event_id": "4", "visitor_id": "V1", "occurred_at": "2025-01-31T23:45:00Z", "event_name": "purchase",
     "order_id": "2", "contact_id": "C1"},
    # received a month late: counts when it happened
    {"event_id": "5", "visitor_id": "V2", "occurred_at": "2025-02-12T10:00:00Z",
     "received_at": "2025-03-12T10:00:00Z", "event_name": "page_view"},
    {"event_id": "6-robot", "visitor_id": "V3", "occurred_at": "2025-02-12T10:00:00Z", "event_name": "page_view",
     "user_agent": "Googlebot/2.1"},
    {"event_id": "7-staff", "visitor_id": "V4", "occurred_at": "2025-02-12T10:00:00Z", "event_name": "page_view",
     "contact_id": "STAFF"},
    {"event_id": "8-no-consent", "occurred_at": "2025-02-12T10:00:00Z", "event_name": "page_view"},
]  # fmt: skip
OPPORTUNITIES = [
    {"opportunity_id": "1", "account_id": "A1", "created_at": "2025-01-10", "closed_at": "2025-02-01",
     "outcome": "won", "amount": "100"},
    {"opportunity_id": "2", "account_id": "A2", "created_at": "2025-01-10", "closed_at": "2025-02-28",
     "outcome": "won", "amount": "100"},
    {"opportunity_id": "3", "account_id": "A2", "created_at": "2025-01-10", "closed_at": "2025-02-14",
     "outcome": "lost", "amount": "0"},
    # closed without a decision: lost
    {"opportunity_id": "4", "account_id": "A1", "created_at": "2025-01-10", "closed_at": "2025-02-15"},
    {"opportunity_id": "5-open", "account_id": "A1", "created_at": "2025-01-10", "outcome": "open"},
    {"opportunity_id": "6-test", "account_id": "TEST", "created_at": "2025-01-10", "closed_at": "2025-02-15",
     "outcome": "won"},
    {"opportunity_id": "7-impossible", "account_id": "A1", "created_at": "2025-02-10", "closed_at": "2025-02-09",
     "outcome": "won"},
]  # fmt: skip
LEADS = [
    # A2's first order came on 10 February
    {"lead_id": "1", "account_id": "A2", "created_at": "2025-01-05"},
    # 15 days after the first one: the same lead
    {"lead_id": "2-merged", "account_id": "A2", "created_at": "2025-01-20"},
    {"lead_id": "3-unknown", "created_at": "2025-01-08"},
    # A1 had already bought
    {"lead_id": "4-customer", "account_id": "A1", "created_at": "2025-01-08"},
]
QUOTES = [
    # order 2 came of it
    {"quote_id": "1", "account_id": "A1", "requested_at": "2025-01-10", "closed_at": "2025-02-01", "status": "ordered",
     "expires_on": "2025-02-05"},
    {"quote_id": "2", "account_id": "A2", "requested_at": "2025-01-15", "closed_at": "2025-01-20",
     "status": "declined"},
    {"quote_id": "3-test", "account_id": "TEST", "requested_at": "2025-01-15", "status": "sent"},
    {"quote_id": "4-withdrawn", "account_id": "A2", "requested_at": "2025-01-15", "status": "withdrawn"},
    # expired, and the 30 days of grace were over on 22 March
    {"quote_id": "5", "account_id": "A2", "requested_at": "2025-02-10", "status": "sent", "expires_on": "2025-02-20"},
    # may still be ordered: March is not ripe
    {"quote_id": "6", "account_id": "A1", "requested_at": "2025-03-10", "status": "sent", "expires_on": "2025-04-10"},
]  # fmt: skip
SHIPMENTS = [
    # on the day promised; a day late; line 2-1 never
    {"shipment_line_id": "1", "order_line_id": "1-1", "quantity": "2", "shipped_at": "2025-01-08",
     "delivered_at": "2025-01-10 18:00:00"},
    {"shipment_line_id": "2", "order_line_id": "3-1", "quantity": "1", "shipped_at": "2025-02-12",
     "delivered_at": "2025-02-15 08:00:00"},
]  # fmt: skip
SURVEYS = [
    # the same person answered again within 90 days: the last answer counts
    {"response_id": "1-replaced", "contact_id": "C1", "score": "3", "responded_at": "2025-01-20"},
    {"response_id": "2", "contact_id": "C1", "score": "9", "responded_at": "2025-02-03"},
    {"response_id": "3", "score": "10", "responded_at": "2025-02-04"},
    {"response_id": "4", "score": "7", "responded_at": "2025-02-05"},
    {"response_id": "5", "score": "6", "responded_at": "2025-02-06"},
    {"response_id": "6-test", "account_id": "TEST", "score": "0", "responded_at": "2025-02-06"},
    {"response_id": "7-silent"},
]
TARGETS = [
    {"metric": "revenue", "target_month": "2025-02-01", "target_value": "200"},
    {"metric": "aov", "target_month": "2025-02-01", "target_value": "100"},
    {"metric": "churn_rate", "target_month": "2025-02-01", "target_value": "0.05"},
    # a month that is not complete: the quotes of March may still be ordered
    {"metric": "quote_to_order_rate", "target_month": "2025-03-01", "target_value": "0.5"},
    # nothing to be a degree of
    {"metric": "revenue", "target_month": "2025-03-01", "target_value": "0"},
    {"metric": "nps", "target_month": "2025-03-01", "target_value": "30"},
]


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return compiled_project.run(
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        exchange_rates=EXCHANGE_RATES,
        orders=ORDERS,
        order_lines=ORDER_LINES,
        products=PRODUCTS,
        returns=RETURNS,
        web_events=WEB_EVENTS,
        opportunities=OPPORTUNITIES,
        leads=LEADS,
        quotes=QUOTES,
        shipments=SHIPMENTS,
        survey_responses=[{"survey_type": "nps", "sent_at": "2025-01-15", **survey} for survey in SURVEYS],
        targets=TARGETS,
    )


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        # January 200; February 60 + 168 + 30 + 40 - 50; March 100 + 20 + 70 - 42 - 5
        ("revenue", {"2025-01": 200, "2025-02": 248, "2025-03": 143}),
        ("orders", {"2025-01": 1, "2025-02": 4, "2025-03": 3}),
        # before returns
        ("aov", {"2025-01": 200, "2025-02": 298 / 4, "2025-03": 190 / 3}),
        # January: one session, no order; February: two sessions, one ordered; March: none
        ("session_conversion_rate", {"2025-01": 0, "2025-02": 1 / 2, "2025-03": None}),
        # each guest is a customer
        ("new_customers", {"2025-01": 1, "2025-02": 3, "2025-03": 0}),
        ("repeat_customers", {"2025-01": 0, "2025-02": 1, "2025-03": 2}),
        ("customers_lost", {"2025-01": 0, "2025-02": 0, "2025-03": 0}),
        ("win_rate", {"2025-01": None, "2025-02": 2 / 4, "2025-03": None}),
        ("lead_conversion_rate", {"2025-01": 1 / 2, "2025-02": None, "2025-03": None}),
        # January (200 - 140) / 200, February (168 - 126) / 168; March has but a refund, and no margin
        ("gross_margin_rate", {"2025-01": 0.3, "2025-02": 0.25, "2025-03": None}),
        # nobody had ordered before January; then A1; then A1, A2 and two guests
        ("churn_rate", {"2025-01": None, "2025-02": 0, "2025-03": 0}),
        ("quote_to_order_rate", {"2025-01": 1 / 2, "2025-02": 0, "2025-03": 0}),
        ("on_time_delivery_rate", {"2025-01": 1, "2025-02": 0, "2025-03": None}),
        # two promoters, one passive, one detractor
        ("nps", {"2025-01": None, "2025-02": 25, "2025-03": None}),
    ],
)
def test_metric(company: duckdb.DuckDBPyConnection, metric: str, expected: dict[str, Any]) -> None:
    found = company.execute(
        "select strftime(month_start, '%Y-%m'), value from kpi_board where metric = ? order by 1", [metric]
    ).fetchall()
    assert dict(found) == {month: value and pytest.approx(value, abs=1e-9) for month, value in expected.items()}


def test_changes_and_trends(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(
        company,
        "select metric, previous_value, change_amount, change_rate, trend, is_complete_period from kpi_board"
        " where month_start = '2025-02-01' and metric in ('revenue', 'repeat_customers', 'win_rate')"
        " order by metric",
    )
    assert rows == [
        # the month before is zero: a change, but no rate and no arrow
        {"metric": "repeat_customers", "previous_value": 0, "change_amount": 1, "change_rate": None, "trend": None,
         "is_complete_period": True},
        {"metric": "revenue", "previous_value": 200, "change_amount": 48, "change_rate": pytest.approx(0.24),
         "trend": "↑", "is_complete_period": True},
        {"metric": "win_rate", "previous_value": None, "change_amount": None, "change_rate": None, "trend": None,
         "is_complete_period": True},
    ]  # fmt: skip


def test_targets(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(
        company,
        "select metric, attainment_rate, is_target_met from kpi_board where target_value is not null"
        " order by metric, month_start",
    )
    assert rows == [
        # 298 / 4 = 74.5
        {"metric": "aov", "attainment_rate": pytest.approx(0.745), "is_target_met": False},
        # less is better, and none at all cannot be put into a ratio
        {"metric": "churn_rate", "attainment_rate": None, "is_target_met": True},
        {"metric": "nps", "attainment_rate": None, "is_target_met": None},
        {"metric": "quote_to_order_rate", "attainment_rate": None, "is_target_met": None},
        {"metric": "revenue", "attainment_rate": pytest.approx(1.24), "is_target_met": True},
        {"metric": "revenue", "attainment_rate": None, "is_target_met": True},
    ]


def test_nps_is_compared_with_the_last_month_of_answers(compiled_project: CompiledProject) -> None:
    # quarterly surveys: 50 points in January, nobody asked in February and March, 25 in April, 30 in May (not over)
    scores = {"2025-01-15": ["9", "7"], "2025-04-15": ["9", "9", "7", "0"], "2025-05-06": ["9"] * 3 + ["7"] * 7}
    company = compiled_project.upstream_of("marts.kpi_board").run(
        survey_responses=[
            {"response_id": f"{day} {number}", "survey_type": "nps", "sent_at": day, "responded_at": day,
             "score": score}
            for day, of_the_day in scores.items() for number, score in enumerate(of_the_day)
        ],
        orders=[{"order_id": day, "account_id": "A", "ordered_at": day} for day in ("2025-01-02", "2025-05-10")],
        order_lines=[{"order_id": day, "quantity": "1", "unit_price": "5"} for day in ("2025-01-02", "2025-05-10")],
    )  # fmt: skip
    rows = company.execute(
        "select month(month_start), value, previous_value, change_amount, trend, is_complete_period from kpi_board"
        " where metric = 'nps' order by month_start"
    ).fetchall()
    assert rows == [
        (1, 50, None, None, None, True),
        (2, None, None, None, None, True),
        (3, None, None, None, None, True),
        (4, 25, 50, -25, "↓", True),
        (5, 30, 25, None, None, False),
    ]
    # a month that gives no value is compared with none
    rows = company.execute(
        "select month(month_start), value, previous_value from kpi_board where metric = 'aov' order by month_start"
    ).fetchall()
    assert rows == [(1, 5, None), (2, None, None), (3, None, None), (4, None, None), (5, 5, None)]


def test_the_board_of_a_small_company(compiled_project: CompiledProject) -> None:
    """Revenue 50,000 PLN and up, conversion 3.5 % and flat, 150 new customers and up."""
    # 80 x 250 + 40 x 500 = 40,000; 100 x 250 + 50 x 500 = 50,000; each by somebody new, seven of a month on the web
    months = {"2025-01": (80, 40), "2025-02": (100, 50)}
    last_days = {"2025-01": 31, "2025-02": 28}
    orders, order_lines, events = [], [], []
    for month, (of_250, of_500) in months.items():
        for number in range(of_250 + of_500):
            order = f"{month}-{number}"
            day = f"{month}-{number % last_days[month] + 1:02}"
            channel = "web_self_service" if number < 7 else "phone"
            orders.append({"order_id": order, "account_id": order, "ordered_at": day, "order_channel": channel})
            price = "250" if number < of_250 else "500"
            order_lines.append({"order_id": order, "product_id": "P", "quantity": "1", "unit_price": price})
        for number in range(200):
            visit = {"event_id": f"{month}-{number}", "visitor_id": f"{month}-{number}"}
            visit["occurred_at"] = f"{month}-{number % 7 + 1:02}T12:00:00Z"
            bought = {"event_name": "purchase", "order_id": f"{month}-{number}"} if number < 7 else {}
            events.append({"event_name": "page_view", **visit, **bought})
    # four customers of 10 August 2024, silent for more than 180 days from 7 February on
    orders += [{"order_id": f"old-{n}", "account_id": f"old-{n}", "ordered_at": "2024-08-10"} for n in range(4)]
    order_lines += [{"order_id": f"old-{n}", "quantity": "1", "unit_price": "1"} for n in range(4)]
    # three of four won in January, one of two in February
    deals = {"2025-01": ["won", "won", "won", "lost"], "2025-02": ["won", "lost"]}
    targets = {"revenue": 40000, "session_conversion_rate": 0.035, "new_customers": 200, "customers_lost": 3}
    company = compiled_project.upstream_of("marts.kpi_board").run(
        orders=orders,
        order_lines=order_lines,
        web_events=events,
        opportunities=[
            {"opportunity_id": f"{month}-{number}", "created_at": "2025-01-02", "closed_at": f"{month}-20",
             "outcome": outcome}
            for month, outcomes in deals.items() for number, outcome in enumerate(outcomes)
        ],
        targets=[
            {"metric": metric, "target_month": "2025-02-01", "target_value": str(target)}
            for metric, target in targets.items()
        ],
    )  # fmt: skip
    found = company.execute(
        "select metric, value, previous_value, change_amount, change_rate, trend, target_value, attainment_rate,"
        " is_target_met from kpi_board where month_start = '2025-02-01' and is_complete_period"
    ).fetchall()
    rows = {metric: tuple(row) for metric, *row in found}
    expected = {
        "revenue": (50000, 40000, 10000, 0.25, "↑", 40000, 1.25, True),
        # seven of 200 in both months
        "session_conversion_rate": (0.035, 0.035, 0, 0, "→", 0.035, 1, True),
        "new_customers": (150, 120, 30, 0.25, "↑", 200, 0.75, False),
        "orders": (150, 120, 30, 0.25, "↑", None, None, None),
        "aov": (50000 / 150, 40000 / 120, 0, 0, "→", None, None, None),
        "win_rate": (0.5, 0.75, -0.25, -1 / 3, "↓", None, None, None),
        # one more than the target allows: 3 / 4 of what is asked
        "customers_lost": (4, 0, 4, None, None, 3, 0.75, False),
    }
    for metric, row in expected.items():
        assert rows[metric] == tuple(pytest.approx(v) if isinstance(v, float) else v for v in row), metric


def test_quotes_make_a_month_complete(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select is_complete_period from kpi_board where metric = 'quote_to_order_rate' order by month_start"
    ).fetchall()
    assert rows == [(True,), (True,), (False,)]


# what each metric is changed by, behind the back of its area
FAULTS = ("numerator = numerator + 1", "denominator = coalesce(denominator, 0) + 1", "value = coalesce(value, 0) + 1")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_board_is_what_the_areas_say(
    compiled_project: CompiledProject, company: duckdb.DuckDBPyConnection, fault: str
) -> None:
    test = compiled_project.tests["board_equals_area_marts"]
    assert company.execute(test).fetchall() == []
    company.execute("begin")
    company.execute(f"update kpi_board set {fault} where month_start = '2025-02-01'")
    seen = company.execute(f"select metric, count(*) from ({test}) group by metric order by metric").fetchall()
    company.execute("rollback")
    # session conversion is stated by two marts
    metrics = company.execute("select distinct metric from kpi_board order by metric").fetchall()
    assert seen == [(metric, 2 if metric == "session_conversion_rate" else 1) for (metric,) in metrics]


def test_a_month_that_the_board_lacks_is_seen(
    compiled_project: CompiledProject, company: duckdb.DuckDBPyConnection
) -> None:
    company.execute("begin")
    company.execute("delete from kpi_board where month_start = '2025-02-01' and metric = 'win_rate'")
    seen = company.execute(compiled_project.tests["board_equals_area_marts"]).fetchall()
    company.execute("rollback")
    assert [(row[0], row[1]) for row in seen] == [("kpi_win_rate", "win_rate")]


def test_rates_of_the_board_carry_their_interval(company: duckdb.DuckDBPyConnection) -> None:
    found = company.execute(
        "select metric, value_low, value_high from kpi_board where month_start = '2025-02-01' order by metric_position"
    ).fetchall()
    bounds = {metric: (low, high) for metric, low, high in found}
    # Wilson with z^2 = 3.841459: (k + z^2 / 2 -+ z sqrt(k (n - k) / n + z^2 / 4)) / (n + z^2). 2 of 4 deals: 0.5 -+
    # 1.959964 x sqrt(1.960365) / 7.841459; 1 of 2 sessions: 0.5 -+ 1.959964 x sqrt(1.460365) / 5.841459
    assert bounds["win_rate"] == pytest.approx((0.150039, 0.849961), abs=1e-6)
    assert bounds["session_conversion_rate"] == pytest.approx((0.094531, 0.905469), abs=1e-6)
    # none of n: 0 to z^2 / (n + z^2); one quote, one customer, two lines due
    assert bounds["quote_to_order_rate"] == pytest.approx((0, 3.841459 / 4.841459), abs=1e-6)
    assert bounds["churn_rate"] == pytest.approx((0, 3.841459 / 4.841459), abs=1e-6)
    assert bounds["on_time_delivery_rate"] == pytest.approx((0, 3.841459 / 5.841459), abs=1e-6)
    # of four answers two promoters, one detractor: 25, variance 3/4 - 1/16 = 0.6875, error 100 sqrt(0.6875 / 4) =
    # 41.457810; 25 - 1.959964 x 41.457810, and what is above 100 is cut
    assert bounds["nps"] == pytest.approx((-56.255815, 100), abs=1e-5)
    for metric in ("revenue", "orders", "aov", "gross_margin_rate", "new_customers", "lead_conversion_rate"):
        assert bounds[metric] == (None, None)


def test_few_cases_are_flagged(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select metric, is_reportable from kpi_board"
        " where month_start = '2025-02-01' and metric in ('nps', 'revenue', 'win_rate') order by metric"
    ).fetchall()
    assert rows == [("nps", False), ("revenue", True), ("win_rate", False)]


def test_segments(company: duckdb.DuckDBPyConnection) -> None:
    def by_segment(metric: str) -> dict[str, float]:
        return dict(
            company.execute(
                "select segment, value from kpi_board_segments"
                " where metric = ? and month_start = '2025-02-01' and value is not null",
                [metric],
            ).fetchall()
        )

    # A1 is small, A2 medium, of guests no size is known
    assert by_segment("revenue") == {"all": 248, "small": 60 - 50, "medium": 168, "unknown": 70, "anonymous": 0}
    assert by_segment("session_conversion_rate") == {"all": 0.5, "small": 1, "anonymous": 0}
    assert by_segment("new_customers") == {"all": 3, "small": 0, "medium": 1, "unknown": 2, "anonymous": 0}


def test_deals_and_volume_of_an_account(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select account_id, deals_won, deals_lost, deals_open, units from kpi_account_profile"
        " where account_id in ('flat_file:A1', 'flat_file:A2') order by 1"
    ).fetchall()
    # A1 ordered 2 + 1 + 1 + 1, shipping is no unit; of A2 only orders 3 and 14 count
    assert rows == [("flat_file:A1", 1, 1, 1, 5), ("flat_file:A2", 1, 1, 0, 2)]


def test_lead_conversion_is_ripe_only_after_its_window(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(company, "select distinct is_complete_period from kpi_board where metric = 'lead_conversion_rate'")
    assert rows == [{"is_complete_period": False}]


def test_a_deal_closed_without_a_decision_is_lost(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select split_part(opportunity_id, ':', 2), outcome from fct_opportunities where is_valid order by 1"
    ).fetchall()
    assert rows == [("1", "won"), ("2", "won"), ("3", "lost"), ("4", "lost"), ("5-open", "open")]


def test_what_does_not_count_says_why(company: duckdb.DuckDBPyConnection) -> None:
    excluded = company.execute(
        "select split_part(order_id, ':', 2), exclusion_reason from fct_orders where not is_valid order by 1"
    ).fetchall()
    assert excluded == [
        ("12-zero", "zero_value"),
        ("4-cancelled", "cancelled"),
        ("5-test", "test"),
        ("8-replacement", "no_sale"),
        ("9-nobody", "no_buyer"),
    ]
    returns = company.execute(
        "select split_part(return_id, ':', 2), exclusion_reason from fct_returns where not is_valid order by 1"
    ).fetchall()
    assert returns == [("R4-test", "test"), ("R5-cancelled", "order_cancelled")]


def test_what_cannot_be_used_is_in_rejected_rows(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select table_name, split_part(row_key, ':', 2), reason from rejected_rows order by 1, 2"
    ).fetchall()
    assert rows == [
        ("opportunities", "7-impossible", "impossible_value"),
        # the line goes with its order
        ("order_lines", "10-no-rate", "dangling_reference"),
        ("order_lines", "14", "untypable_value"),
        ("orders", "10-no-rate", "missing_exchange_rate"),
    ]


def test_every_raw_row_is_accounted_for(company: duckdb.DuckDBPyConnection) -> None:
    rows = records(company, "select * from reconciliation where raw_rows > 0")
    counts = {row["table_name"]: (row["raw_rows"], row["merged_rows"], row["rejected_rows"]) for row in rows}
    assert counts["orders"] == (15, 1, 1)
    assert counts["order_lines"] == (16, 0, 2)
    assert counts["web_events"] == (9, 1, 0)
    assert all(row["raw_rows"] == row["accepted_rows"] + row["merged_rows"] + row["rejected_rows"] for row in rows)


def test_discount_of_the_order_is_spread_to_the_last_digit(compiled_project: CompiledProject) -> None:
    # a discount of 10 over three equal lines: thirds do not add up, running shares do
    company = compiled_project.run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03", "order_discount_amount": "10"}],
        order_lines=[
            {"order_line_id": str(number), "order_id": "1", "quantity": "1", "unit_price": "100"}
            for number in (1, 2, 3)
        ],
    )
    rows = company.execute("select cast(discount_amount as varchar) from fct_order_lines order by 1").fetchall()
    assert rows == [("3.3333",), ("3.3333",), ("3.3334",)]


def test_money_is_rounded_once(compiled_project: CompiledProject) -> None:
    # a price keeps four decimals, 0.33335 -> 0.3334; then 3 x 0.3334 x 4.00005 = 4.00085001, rounded at the end
    company = compiled_project.run(
        exchange_rates=[{"rate_on": "2025-01-03", "currency_code": "EUR", "rate_to_base": "4.00005"}],
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03", "currency_code": "eur"}],
        order_lines=[{"order_id": "1", "quantity": "3", "unit_price": "0.33335"}],
    )
    assert company.execute("select cast(net_amount as varchar) from fct_order_lines").fetchone() == ("4.0009",)


def test_a_date_after_the_load_is_a_typing_error(compiled_project: CompiledProject) -> None:
    # 2062 for 2025: taken as a date, it would move the day all numbers are stated for
    loaded = {"_loaded_at": "2025-03-01 12:00:00"}
    company = compiled_project.run(
        orders=[
            {"order_id": "1", "account_id": "A", "ordered_at": "2025-02-28", **loaded},
            {"order_id": "2", "account_id": "A", "ordered_at": "2062-02-28", **loaded},
        ],
        order_lines=[{"order_id": number, "quantity": "1", "unit_price": "5"} for number in ("1", "2")],
    )
    assert company.execute("select as_of_on::varchar from publication_info").fetchone() == ("2025-02-28",)
    reasons = company.execute("select entity, reason from rejected_rows order by 1").fetchall()
    assert reasons == [("order_lines", "dangling_reference"), ("orders", "implausible_date")]


def test_orders_without_buyer_count_when_the_workspace_says_so(tmp_path: Path) -> None:
    project = compile_project(tmp_path, variables={"exclude_orders_without_buyer": False})
    company = project.run(
        orders=[
            {"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03"},
            {"order_id": "2", "ordered_at": "2025-01-04"},
        ],
        order_lines=[{"order_id": number, "quantity": "1", "unit_price": "5"} for number in ("1", "2")],
    )
    assert board(company, "revenue") == {"2025-01": 10}
    # revenue of nobody makes no customer
    assert board(company, "new_customers") == {"2025-01": 1}
    assert company.execute(project.tests["board_revenue_equals_account_profiles"]).fetchall() == []


def test_an_order_without_channel_is_a_web_order_if_the_tracker_saw_it(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[
            {"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03T10:00:00Z"},
            {"order_id": "2", "account_id": "A", "ordered_at": "2025-01-03T10:00:00Z", "order_channel": "phone"},
        ],
        order_lines=[{"order_id": number, "quantity": "1", "unit_price": "5"} for number in ("1", "2")],
        web_events=[
            {"event_id": n, "visitor_id": n, "occurred_at": "2025-01-03T10:00:00Z", "event_name": "purchase",
             "order_id": n} for n in ("1", "2")
        ],
    )  # fmt: skip
    assert board(company, "session_conversion_rate") == {"2025-01": 0.5}


def test_large_amounts_do_not_overflow(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-01-03"}],
        order_lines=[{"order_id": "1", "quantity": "1000000", "unit_price": "1000000"}],
    )
    assert board(company, "revenue") == {"2025-01": 1_000_000_000_000}
