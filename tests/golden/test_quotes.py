"""Quotes and negotiation on a company small enough to be worked out by hand.

Warsaw time, UTC+1 until 30 March 2025; as_of is Monday, 31 March 2025, the day of the last order. Office hours are 9 to
17 from Monday to Friday. Two cases are enough for a rate here (min_reportable_n = 2).
"""

from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

MARTS = ("kpi_quote_funnel", "kpi_quote_state_times", "kpi_negotiation", "kpi_quote_odds", "kpi_quote_outlook")
ACCOUNTS = [
    {"account_id": "A1", "company_size": "small", "owner_rep_id": "R1"},
    {"account_id": "A2", "company_size": "large", "owner_rep_id": "R2"},
    {"account_id": "TEST", "is_test": "true"},
]
EXCHANGE_RATES = [{"rate_on": "2025-01-01", "currency_code": "EUR", "rate_to_base": "4"}]
QUOTES = [
    # converted by order O1, in two rounds: 48 hours, 7 + 8 + 1 = 16 of office
    {"quote_id": "Q1", "account_id": "A1", "rep_id": "R1", "catalog_id": "C1", "status": "ordered",
     "requested_at": "2025-01-06 10:00", "first_responded_at": "2025-01-06 12:00", "sent_at": "2025-01-06 15:00",
     "closed_at": "2025-01-08 10:00", "expires_on": "2025-02-06", "base_amount": "1000", "negotiated_amount": "900"},
    # from Friday 16:00; answered on Monday 10:00: 66 hours, 2 of office; declined after 96, 16 of office
    {"quote_id": "Q2", "account_id": "A1", "rep_id": "R1", "status": "declined", "requested_at": "2025-01-10 16:00",
     "first_responded_at": "2025-01-13 10:00", "sent_at": "2025-01-13 10:00", "closed_at": "2025-01-14 16:00",
     "base_amount": "500", "negotiated_amount": "500"},
    # never answered; in EUR: 400 and 320. O3 takes it at the list price 33 days after it expired: no conversion
    {"quote_id": "Q3", "account_id": "A2", "rep_id": "R2", "status": "expired", "currency_code": "EUR",
     "requested_at": "2025-01-20 10:00", "closed_at": "2025-02-20 10:00", "expires_on": "2025-02-20",
     "base_amount": "100", "negotiated_amount": "80"},
    {"quote_id": "Q4-test", "account_id": "TEST", "status": "declined", "requested_at": "2025-01-20 10:00",
     "closed_at": "2025-01-21 10:00", "base_amount": "9999"},
    {"quote_id": "Q5-withdrawn", "account_id": "A1", "status": "withdrawn", "requested_at": "2025-01-21 10:00",
     "closed_at": "2025-01-22 10:00", "base_amount": "9999"},
    {"quote_id": "Q6-draft", "account_id": "A1", "status": "draft", "requested_at": "2025-01-22 10:00",
     "base_amount": "9999"},
    # its order was cancelled: ordered, but no conversion; 168 hours, 40 of office
    {"quote_id": "Q7", "account_id": "A2", "rep_id": "R2", "status": "ordered", "requested_at": "2025-02-03 09:00",
     "first_responded_at": "2025-02-03 10:00", "sent_at": "2025-02-03 11:00", "closed_at": "2025-02-10 09:00",
     "base_amount": "200", "negotiated_amount": "150"},
    # open and past its validity; names no rep: the owner's. Age to the end of as_of: 21 days 14 hours = 518
    {"quote_id": "Q8", "account_id": "A1", "status": "sent", "requested_at": "2025-03-10 10:00",
     "first_responded_at": "2025-03-10 11:00", "sent_at": "2025-03-10 12:00", "expires_on": "2025-03-20",
     "base_amount": "300", "negotiated_amount": "300"},
    # asked for on the last day at noon, not answered; age 12 hours
    {"quote_id": "Q9", "account_id": "A2", "rep_id": "R2", "status": "submitted", "requested_at": "2025-03-31 12:00",
     "base_amount": "50"},
    # no order names it: the shop's word counts; 24 hours, 8 of office
    {"quote_id": "Q10", "account_id": "A2", "rep_id": "R2", "status": "ordered", "requested_at": "2025-03-05 09:00",
     "first_responded_at": "2025-03-05 10:00", "sent_at": "2025-03-05 10:00", "closed_at": "2025-03-06 09:00",
     "base_amount": "100", "negotiated_amount": "100"},
    {"quote_id": "Q11-later", "account_id": "A1", "status": "sent", "requested_at": "2025-04-02 10:00",
     "base_amount": "9999"},
    # ordered after as_of: still open then; age 19 days 14 hours = 470
    {"quote_id": "Q12", "account_id": "A1", "rep_id": "R1", "status": "ordered", "requested_at": "2025-03-12 10:00",
     "first_responded_at": "2025-03-12 11:00", "sent_at": "2025-03-12 11:00", "closed_at": "2025-04-05 10:00",
     "expires_on": "2025-04-30", "base_amount": "400", "negotiated_amount": "400"},
]  # fmt: skip
# The shop keeps events of Q1 only: submitted 2 hours, in_review 3, sent 19, countered 5, sent 19. Of the others the
# dates stand in: submitted 66, 744 (Q3), 1 (Q7, Q8, Q10, Q12); in_review 0, 1, 1, 0, 0; sent 30, 166, 23, and Q8 and
# Q12 are in it still.
QUOTE_EVENTS = [
    {"quote_event_id": str(number), "quote_id": "Q1", "state": state, "occurred_at": f"2025-01-{at}",
     "offered_amount": amount}
    for number, (state, at, amount) in enumerate([
        ("submitted", "06 10:00", None), ("in_review", "06 12:00", None), ("sent", "06 15:00", "950"),
        ("countered", "07 10:00", None), ("sent", "07 15:00", "900"), ("ordered", "08 10:00", None),
    ])
]  # fmt: skip
ORDERS = [
    {"order_id": "O0", "account_id": "A1", "ordered_at": "2025-01-03"},
    {"order_id": "O1", "account_id": "A1", "ordered_at": "2025-01-08 10:00", "quote_id": "Q1"},
    {"order_id": "O7", "account_id": "A2", "ordered_at": "2025-02-10", "quote_id": "Q7", "cancelled_at": "2025-02-11"},
    {"order_id": "O3", "account_id": "A2", "ordered_at": "2025-03-25", "quote_id": "Q3"},
    {"order_id": "O9", "account_id": "A1", "ordered_at": "2025-03-31"},
]
ORDER_LINES = [
    {"order_id": order_id, "product_id": "P", "quantity": "1", "list_unit_price": price, "unit_price": net}
    for order_id, price, net in [
        ("O0", "10", "10"), ("O1", "1000", "900"), ("O7", "150", "150"), ("O3", "400", "400"), ("O9", "10", "10"),
    ]
]  # fmt: skip


@pytest.fixture(scope="module")
def company(small_numbers_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return small_numbers_project.upstream_of(*(f"marts.{mart}" for mart in MARTS)).run(
        accounts=ACCOUNTS,
        exchange_rates=EXCHANGE_RATES,
        quotes=QUOTES,
        quote_events=QUOTE_EVENTS,
        orders=ORDERS,
        order_lines=ORDER_LINES,
    )


def rows(company: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return [
        tuple(pytest.approx(float(value)) if type(value).__name__ in ("Decimal", "float") else value for value in row)
        for row in company.execute(query).fetchall()
    ]


def test_every_request_has_one_result(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select strftime(month_start, '%m'), requested_quotes, answered_quotes, sent_quotes, converted_quotes,"
        " ordered_outside_quotes, declined_quotes, expired_quotes, open_quotes, withdrawn_quotes, unsettled_quotes"
        " from kpi_quote_funnel where dimension = 'all' order by month_start",
    ) == [
        ("01", 3, 2, 2, 1, 0, 1, 1, 0, 1, 0),
        ("02", 1, 1, 1, 0, 1, 0, 0, 0, 0, 0),
        ("03", 4, 3, 3, 1, 0, 0, 0, 3, 0, 3),
        # January and February; of March's quotes three may still be ordered
        (None, 4, 3, 3, 1, 1, 1, 1, 0, 1, 0),
    ]


def test_quote_to_order_by_count_and_by_value(company: duckdb.DuckDBPyConnection) -> None:
    # first offers: 950 + 500 + 320 (never sent: its value as negotiated); 150; 300 + 50 + 100 + 400
    assert rows(
        company,
        "select base_amount, first_offered_amount, converted_amount, answered_rate, sent_rate, quote_to_order_rate,"
        " quote_to_order_value_rate, is_reportable, is_complete_period"
        " from kpi_quote_funnel where dimension = 'all' order by month_start",
    ) == [
        (1900, 1770, 900, 2 / 3, 2 / 3, 1 / 3, 900 / 1770, True, True),
        (200, 150, 0, 1, 1, 0, 0, False, True),
        (850, 850, 100, 3 / 4, 3 / 4, 1 / 4, 100 / 850, True, False),
        (2100, 1920, 900, 3 / 4, 3 / 4, 1 / 4, 900 / 1920, True, False),
    ]
    # Wilson's interval of 1 in 3
    interval = "select quote_to_order_rate_low, quote_to_order_rate_high from kpi_quote_funnel"
    low, high = company.execute(f"{interval} where dimension = 'all' order by month_start").fetchone()
    assert (low, high) == (pytest.approx(0.06149, abs=1e-5), pytest.approx(0.79234, abs=1e-5))


def test_quotes_by_dimension(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select dimension, split_part(member, ':', -1), requested_quotes, converted_quotes, withdrawn_quotes"
        " from kpi_quote_funnel where month_start = '2025-01-01' and dimension <> 'all' order by 1, 2",
    ) == [
        ("catalog", "C1", 1, 1, 0),
        ("catalog", "unknown", 2, 0, 1),
        ("company_size", "large", 1, 0, 0),
        ("company_size", "small", 2, 1, 1),
        ("rep", "R1", 2, 1, 1),
        ("rep", "R2", 1, 0, 0),
    ]
    # all months together add up over the members of each dimension
    assert rows(
        company,
        "select dimension, sum(requested_quotes), sum(converted_quotes) from kpi_quote_funnel where period = 'all'"
        " group by 1 order by 1",
    ) == [("all", 4, 1), ("catalog", 4, 1), ("company_size", 4, 1), ("rep", 4, 1)]
    # a month in which the rep was asked for nothing is a zero without a rate
    assert rows(
        company,
        "select requested_quotes, quote_to_order_rate, quote_to_order_rate_low, is_reportable"
        " from kpi_quote_funnel where member like '%:R1' and month_start = '2025-02-01'",
    ) == [(0, None, None, False)]


def test_time_in_each_state(company: duckdb.DuckDBPyConnection) -> None:
    # p90 of 19, 19, 23, 30, 166: 30 + 0.6 x 136; of 1, 1, 1, 1, 2, 66, 744: 66 + 0.4 x 678; of 0, 0, 0, 1, 1, 3: 1 + 1
    assert rows(
        company,
        "select state, entries, ended_entries, open_entries, total_hours, median_hours, p90_hours, longest_open_days,"
        " is_reportable from kpi_quote_state_times where period = 'all' order by 1",
    ) == [
        ("countered", 1, 1, 0, 5, 5, 5, None, False),
        ("in_review", 6, 6, 0, 5, 0.5, 2, None, True),
        ("sent", 7, 5, 2, 257, 23, 111.6, 21, True),
        ("submitted", 8, 7, 1, 816, 1, 337.2, 0, True),
    ]
    assert rows(
        company,
        "select period, entries, open_entries, median_hours, is_complete_period from kpi_quote_state_times"
        " where state = 'sent' and period <> 'all' order by 1",
    ) == [("2025-01-01", 3, 0, 19, True), ("2025-02-01", 1, 0, 166, True), ("2025-03-01", 3, 2, 23, False)]


def test_negotiations_by_the_month_they_were_decided_in(company: duckdb.DuckDBPyConnection) -> None:
    # January Q1, Q2: 48 and 96 hours; February Q3, Q7: 744 and 168; March Q10: 24
    assert rows(
        company,
        "select period, decided_quotes, rounds, rounds_per_quote, base_amount, negotiated_amount, discount_depth_rate,"
        " median_negotiation_hours, p90_negotiation_hours, median_negotiation_business_hours,"
        " p90_negotiation_business_hours, previous_median_hours, negotiation_hours_change_rate,"
        " negotiation_hours_trend, is_reportable, is_complete_period"
        " from kpi_negotiation where dimension = 'all' and period <> 'all' order by 1",
    ) == [
        ("2025-01-01", 2, 3, 1.5, 1500, 1400, 1 / 15, 72, 91.2, 16, 16, None, None, None, True, True),
        # office hours: 184 = four weeks and three days, and 40; p90 of both 40 + 0.9 x 144
        ("2025-02-01", 2, 1, 0.5, 600, 470, 130 / 600, 456, 686.4, 112, 169.6, 72, 384 / 72, "↑", True, True),
        ("2025-03-01", 1, 1, 1, 100, 100, 0, 24, 24, 8, 8, 456, -432 / 456, "↓", False, True),
    ]


def test_first_answers_of_decided_quotes(company: duckdb.DuckDBPyConnection) -> None:
    # January: 2 and 66 hours, 2 and 2 of office; February: Q7 after one hour, Q3 never
    assert rows(
        company,
        "select answered_quotes, median_first_response_hours, p90_first_response_hours,"
        " median_first_response_business_hours, p90_first_response_business_hours"
        " from kpi_negotiation where dimension = 'all' and period <> 'all' order by period",
    ) == [(2, 34, 59.6, 2, 2), (1, 1, 1, 1, 1), (1, 1, 1, 1, 1)]


def test_median_duration_with_open_quotes_censored(company: duckdb.DuckDBPyConnection) -> None:
    # 12 open, 24 (6/7 undecided), 48 (5/7), 96 (4/7), 168 (3/7): 168; without the open quotes the median would be 96
    # R1: 48 (3/4), 96 (1/2), 470 and 518 open. R2: 12 open, 24 (2/3), 168 (1/3), 744
    assert rows(
        company,
        "select dimension, split_part(member, ':', -1), decided_quotes, open_quotes, median_negotiation_hours,"
        " survival_median_hours, negotiation_hours_trend, is_complete_period"
        " from kpi_negotiation where period = 'all' and dimension in ('all', 'rep') order by 1, 2",
    ) == [
        ("all", "all", 5, 3, 96, 168, None, False),
        ("rep", "R1", 2, 2, 72, 96, None, False),
        ("rep", "R2", 3, 1, 168, 168, None, False),
    ]


def test_odds_by_state_and_age(company: duckdb.DuckDBPyConnection) -> None:
    # sent: Q1 until day 2, Q2 from day 2.75 to 4, Q7 until day 7, which the next class begins with, Q10 until day 1
    assert rows(
        company,
        "select state, age_class, age_from_days, decided_quotes, converted_quotes, success_rate, is_reportable"
        " from kpi_quote_odds where state in ('all', 'sent', 'submitted') order by 1, 3",
    ) == [
        ("all", "all", None, 5, 2, 0.4, True),
        ("sent", "0 to 2 days", 0, 4, 2, 0.5, True),
        ("sent", "3 to 6 days", 3, 2, 0, 0, True),
        ("sent", "all", None, 4, 2, 0.5, True),
        ("submitted", "0 to 2 days", 0, 5, 2, 0.4, True),
        ("submitted", "3 to 6 days", 3, 1, 0, 0, False),
        ("submitted", "7 to 13 days", 7, 1, 0, 0, False),
        ("submitted", "14 to 29 days", 14, 1, 0, 0, False),
        ("submitted", "30 days and more", 30, 1, 0, 0, False),
        ("submitted", "all", None, 5, 2, 0.4, True),
    ]


def test_open_quotes_and_their_chances(company: duckdb.DuckDBPyConnection) -> None:
    # no quote was sent at 14 to 29 days before: the odds of the state. sent lasts 111.6 hours = 4.65 days at p90
    assert rows(
        company,
        "select split_part(quote_id, ':', 2), split_part(rep_id, ':', 2), state, amount, expected_amount, success_rate,"
        " probability_basis, age_days, days_in_state, usual_limit_days, is_stale, reason, state_entered_on::varchar"
        " from kpi_quote_outlook order by age_days",
    ) == [
        ("Q9", "R2", "submitted", 50, 20, 0.4, "state_and_age", 0.5, 0.5, 337.2 / 24, False,
         "waits for the first answer", "2025-03-31"),
        ("Q12", "R1", "sent", 400, 200, 0.5, "state", 470 / 24, 469 / 24, 4.65, True,
         "longer in its state than nine of ten quotes", "2025-03-12"),
        ("Q8", "R1", "sent", 300, 150, 0.5, "state", 518 / 24, 516 / 24, 4.65, True,
         "past its validity and not closed", "2025-03-10"),
    ]  # fmt: skip
    # of five decided quotes that were submitted two were converted, of four that were sent two. Wilson: (2 + 1.920730
    # -+ 1.959964 sqrt(1.2 + 0.960365)) / 8.841459, and 0.5 -+ 1.959964 sqrt(1 + 0.960365) / 7.841459
    bounds = company.execute(
        "select split_part(quote_id, ':', 2), decided_quotes, success_rate_low, success_rate_high"
        " from kpi_quote_outlook order by age_days"
    ).fetchall()
    assert bounds == [
        ("Q9", 5, pytest.approx(0.117621, abs=1e-6), pytest.approx(0.769276, abs=1e-6)),
        ("Q12", 4, pytest.approx(0.150039, abs=1e-6), pytest.approx(0.849961, abs=1e-6)),
        ("Q8", 4, pytest.approx(0.150039, abs=1e-6), pytest.approx(0.849961, abs=1e-6)),
    ]


def test_nothing_is_foretold_without_a_past(compiled_project: CompiledProject) -> None:
    # one decided quote is too few for any odds, and for what a usual stay is: 60 days (stale_after_days)
    company = compiled_project.upstream_of("marts.kpi_quote_outlook", "marts.kpi_negotiation").run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-03-31"}],
        order_lines=[{"order_id": "1", "quantity": "1", "unit_price": "5"}],
        quotes=[
            {"quote_id": "open", "account_id": "A", "requested_at": "2025-01-20 00:00", "status": "submitted",
             "base_amount": "100"},
            {"quote_id": "past", "account_id": "A", "requested_at": "2025-01-20 00:00", "status": "declined",
             "closed_at": "2025-01-21 00:00", "base_amount": "100"},
        ],
    )  # fmt: skip
    (row,) = records(company, "select * from kpi_quote_outlook")
    assert (row["probability_basis"], row["success_rate"], row["expected_amount"]) == ("none", None, None)
    # from 20 January to the end of 31 March
    assert (row["days_in_state"], row["usual_limit_days"], row["is_stale"]) == (71, 60, True)
    assert (row["rep_id"], row["catalog_id"], row["company_size"]) == ("unknown", "unknown", "unknown")
    # a price that was never negotiated has no depth
    depth = "select distinct base_amount, negotiated_amount, discount_depth_rate from kpi_negotiation"
    assert company.execute(f"{depth} where decided_quotes = 1").fetchall() == [(0, 0, None)]
