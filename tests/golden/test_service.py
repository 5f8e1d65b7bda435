"""The service desk and surveys of a company small enough to be worked out by hand.

All times are local (Warsaw) unless they end in Z; as of 31 March 2025. What is awkward about each row is said
beside it.
"""

from datetime import date
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

MARTS = ("kpi_service", "kpi_service_account", "kpi_satisfaction", "kpi_satisfaction_revenue", "kpi_review")
ACCOUNTS = [
    {"account_id": "A1", "account_name": "First", "company_size": "small"},
    *({"account_id": f"A{number}", "company_size": "large"} for number in range(2, 7)),
    {"account_id": "A7"},
    {"account_id": "TEST", "is_test": "true"},
]
ORDERS = [
    {"order_id": "1", "account_id": "A1", "ordered_at": "2025-01-03"},
    {"order_id": "2", "account_id": "A2", "ordered_at": "2025-03-31"},
    # silent for more than 180 days on 29 November 2024, before it was asked
    {"order_id": "3", "account_id": "A3", "ordered_at": "2024-06-01"},
    # ... on 17 February 2025, twelve days after it answered
    {"order_id": "4", "account_id": "A4", "ordered_at": "2024-08-20"},
    {"order_id": "5", "account_id": "A5", "ordered_at": "2025-01-05"},
    {"order_id": "6", "account_id": "A6", "ordered_at": "2025-01-06"},
    # twelve months before as_of to the day: outside
    {"order_id": "7-old", "account_id": "A7", "ordered_at": "2024-03-31"},
    {"order_id": "8", "account_id": "A7", "ordered_at": "2024-12-01"},
    {"order_id": "9-test", "account_id": "TEST", "ordered_at": "2025-01-06"},
]
PRICES = {"1": 100, "2": 50, "3": 30, "4": 25, "5": 30, "6": 40, "7-old": 500, "8": 20, "9-test": 900}
ORDER_LINES = [{"order_id": order, "quantity": "1", "unit_price": str(price)} for order, price in PRICES.items()]
RETURNS = [{"return_id": "R", "order_id": "1", "returned_at": "2025-02-10", "refund_amount": "10"}]


def inquiry(number: str, account: str | None, created: str, answered: str | None, **columns: str) -> dict[str, Any]:
    return {
        "inquiry_id": number, "account_id": account, "created_at": created, "first_responded_at": answered,
        "channel": "email", "topic": "delivery", **columns,
    }  # fmt: skip


INQUIRIES = [
    # 2 hours, 2 business hours; settled after 24 hours
    inquiry("1", "A1", "2025-01-06 10:00:00", "2025-01-06 12:00:00", response_target_hours="4",
            resolved_at="2025-01-07 10:00:00"),
    # Friday 16:00 to Monday 10:00: 66 hours, 2 business hours; late for the 24 hours that hold without a target;
    # settled in February after 24 days
    inquiry("2", "A1", "2025-01-10 16:00:00", "2025-01-13 10:00:00", resolved_at="2025-02-03 16:00:00",
            topic="complaint"),
    # Friday night, January, to Saturday, February: 1 hour, on the minute of the target, no business hours
    inquiry("3", "A1", "2025-01-31 23:30:00", "2025-02-01 00:30:00", channel="phone", response_target_hours="1"),
    # never answered, eleven days old
    inquiry("4", "A2", "2025-03-20 10:00:00", None, response_target_hours="8"),
    # due the day after as_of
    inquiry("5", "A2", "2025-03-31 20:00:00", None),
    inquiry("6-ours", "A2", "2025-03-03 10:00:00", "2025-03-03 10:01:00", opened_by="agent"),
    inquiry("7-test", "TEST", "2025-03-03 10:00:00", "2025-03-03 10:01:00"),
    # answered after as_of, three days old then
    inquiry("8", "A2", "2025-03-28 10:00:00", "2025-04-02 10:00:00", response_target_hours="48"),
    # of nobody, about nothing, Monday: 1 hour, 1 business hour
    inquiry("9", None, "2025-01-20 09:30:00", "2025-01-20 10:30:00", channel="chat", topic=None),
    # Monday to Wednesday: 48 hours, 16 business hours; late
    inquiry("10", "A2", "2025-03-03 10:00:00", "2025-03-05 10:00:00"),
    inquiry("11-later", "A1", "2025-04-01 10:00:00", None),
]  # fmt: skip


def survey(number: str, kind: str, person: str | None, score: str | None, sent: str = "2025-02-03") -> dict[str, Any]:
    return {
        "response_id": number, "survey_type": kind, "account_id": person and person.split("-")[0],
        "contact_id": person, "score": score, "sent_at": sent, "responded_at": score and f"{sent[:-2]}05",
    }  # fmt: skip


PEOPLE = [f"A{number}-{person}" for number in range(1, 7) for person in "xy"] + ["TEST-x"]
CONTACTS = [{"contact_id": person, "account_id": person.split("-")[0]} for person in PEOPLE]
SURVEY_RESPONSES = [
    # ten answers in February: three promoters, two detractors. Means 9.5, 8.5, 7, 3 and 7.5
    *(survey(f"n{n}", "nps", person, score) for n, (person, score) in enumerate(zip(
        PEOPLE[:10], ("9", "10", "9", "8", "7", "7", "0", "6", "8", "7"), strict=True))),
    # the same person had said something else a month before: answered, but out of the score
    survey("n-first", "nps", "A1-x", "3", "2025-01-03"),
    # two answers in January, mean 6.5
    survey("n-6x", "nps", "A6-x", "7", "2025-01-03"), survey("n-6y", "nps", "A6-y", "6", "2025-01-03"),
    survey("n-silent", "nps", None, None), survey("n-test", "nps", "TEST-x", "0"),
    # sent in February, answered in March
    {**survey("c1", "csat", "A1-x", "5"), "responded_at": "2025-03-01"},
    survey("c2", "csat", "A2-x", "4"), survey("c3", "csat", "A2-y", "2"), survey("c4", "csat", "A3-x", None),
    survey("w1", "willingness", "A1-x", "3"),
]  # fmt: skip
REVIEWS = [
    {"review_id": "1", "product_id": "P", "account_id": "A1", "score": "5", "reviewed_at": "2025-02-03"},
    # January in UTC, February in Warsaw
    {"review_id": "2", "product_id": "P", "score": "3", "reviewed_at": "2025-01-31T23:30:00Z"},
    {"review_id": "3-test", "product_id": "P", "account_id": "TEST", "score": "1", "reviewed_at": "2025-02-03"},
    {"review_id": "4-later", "product_id": "P", "score": "1", "reviewed_at": "2025-04-01"},
]


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return compiled_project.upstream_of(*(f"marts.{mart}" for mart in MARTS)).run(
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        products=[{"product_id": "P"}],
        orders=ORDERS,
        order_lines=ORDER_LINES,
        returns=RETURNS,
        inquiries=INQUIRIES,
        survey_responses=SURVEY_RESPONSES,
        reviews=REVIEWS,
    )


def the_row(company: duckdb.DuckDBPyConnection, mart: str, **keys: str) -> dict[str, Any]:
    condition = " and ".join(f"{column} = '{value}'" for column, value in keys.items())
    (row,) = records(company, f"select * from {mart} where {condition}")
    return row


def test_service_in_a_month(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "kpi_service", month_start="2025-01-01", channel="all", topic="all")
    # came in: 1, 2, 3 and 9; all due, 2 is late. Answered in January: 1, 2 and 9 after 2, 66 and 1 hours
    assert row == {
        "month_start": date(2025, 1, 1), "channel": "all", "topic": "all",
        "inquiries": 4, "answered_inquiries": 4, "unanswered_inquiries": 0, "unanswered_rate": 0,
        # Wilson for none of 4: 0 to z^2 / (4 + z^2)
        "unanswered_rate_low": pytest.approx(0, abs=1e-9),
        "unanswered_rate_high": pytest.approx(3.841459 / 7.841459, abs=1e-6), "is_unanswered_rate_reportable": False,
        "unanswered_median_days": None, "unanswered_longest_days": None, "unresolved_inquiries": 2,
        "due_inquiries": 4, "answered_in_time_inquiries": 3, "sla_hit_rate": 0.75,
        # Wilson, 3 of 4
        "sla_hit_rate_low": pytest.approx(0.3006, abs=5e-5), "sla_hit_rate_high": pytest.approx(0.9544, abs=5e-5),
        "is_reportable": False,
        # p90 of 1, 2, 66: position 1.8, 2 + 0.8 x 64
        "answers": 3, "response_median_hours": 2, "response_p90_hours": pytest.approx(53.2),
        "response_median_business_hours": 2, "response_p90_business_hours": 2, "is_response_reportable": False,
        "resolutions": 1, "resolution_median_hours": 24, "is_complete_period": True,
    }  # fmt: skip


def test_answers_belong_to_the_month_they_were_given(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "kpi_service", month_start="2025-02-01", channel="all", topic="all")
    assert (row["inquiries"], row["unanswered_rate"], row["sla_hit_rate"]) == (0, None, None)
    assert (row["answers"], row["response_median_hours"], row["response_median_business_hours"]) == (1, 1, 0)
    assert (row["resolutions"], row["resolution_median_hours"]) == (1, 24 * 24)


def test_unanswered_inquiries(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "kpi_service", month_start="2025-03-01", channel="all", topic="all")
    # 4, 5, 8 and 10: three without an answer by as_of, 11, 0 and 3 days old; 5 is not due yet
    assert (row["inquiries"], row["unanswered_inquiries"], row["unanswered_rate"]) == (4, 3, 0.75)
    assert (row["unanswered_median_days"], row["unanswered_longest_days"]) == (3, 11)
    assert (row["due_inquiries"], row["answered_in_time_inquiries"], row["sla_hit_rate"]) == (3, 0, 0)
    assert (row["answers"], row["response_median_hours"], row["response_median_business_hours"]) == (1, 48, 16)


def test_service_by_channel_and_topic(company: duckdb.DuckDBPyConnection) -> None:
    january = company.execute(
        "select channel, topic, inquiries from kpi_service where month_start = '2025-01-01' order by 1, 2"
    ).fetchall()
    assert january == [
        ("all", "all", 4),
        ("all", "complaint", 1),
        ("all", "delivery", 2),
        ("all", "unknown", 1),
        ("chat", "all", 1),
        ("chat", "unknown", 1),
        ("email", "all", 2),
        ("email", "complaint", 1),
        ("email", "delivery", 1),
        ("phone", "all", 1),
        ("phone", "delivery", 1),
    ]


WAITS = [
    ("2025-01-06 10:00:00", "2025-01-06 10:30:00", 0.5),
    # before opening to after closing
    ("2025-01-06 07:00:00", "2025-01-06 20:00:00", 8),
    ("2025-01-06 16:59:59", "2025-01-07 09:00:01", 2 / 3600),
    # Saturday to Sunday, and Saturday to Monday
    ("2025-01-11 10:00:00", "2025-01-12 18:00:00", 0),
    ("2025-01-11 10:00:00", "2025-01-13 09:15:00", 0.25),
    # over the night when the clocks go forward: Friday 16:00 to Monday 10:00
    ("2025-03-28 16:00:00", "2025-03-31 10:00:00", 2),
    # two weeks; over the turn of the year, whose holiday is a working day
    ("2025-01-06 12:00:00", "2025-01-20 12:00:00", 80),
    ("2024-12-31 16:00:00", "2025-01-02 10:00:00", 1 + 8 + 1),
    ("2025-01-06 10:00:00", None, None),
]


def test_business_hours(compiled_project: CompiledProject) -> None:
    company = compiled_project.upstream_of("intermediate.int_inquiries_timed").run(
        inquiries=[inquiry(str(number), None, start, finish) for number, (start, finish, _) in enumerate(WAITS)],
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-03-31"}],
    )
    rows = company.execute(
        "select response_business_hours from intermediate.int_inquiries_timed order by inquiry_id"
    ).fetchall()
    assert [hours for (hours,) in rows] == [pytest.approx(hours, abs=1e-12) for _, _, hours in WAITS]


def test_nps(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="nps", company_size="all")
    # 30 % promoters and 20 % detractors: +10; variance .3 + .2 - .01 = .49, standard error .7 / sqrt(10) = .221359
    assert row == {
        "month_start": date(2025, 2, 1), "survey_type": "nps", "company_size": "all",
        "surveys_sent": 11, "surveys_answered": 10, "response_rate": pytest.approx(10 / 11),
        # Wilson for 10 of 11: (10 + 1.920730 -+ 1.959964 sqrt(10 / 11 + 0.960365)) / 14.841459
        "response_rate_low": pytest.approx(0.622642, abs=1e-6), "response_rate_high": pytest.approx(0.983768, abs=1e-6),
        "is_response_rate_reportable": False,
        "responses": 10, "score_total": 71, "mean_score": 7.1,
        "promoters": 3, "passives": 5, "detractors": 2, "nps": pytest.approx(10),
        "nps_low": pytest.approx(10 - 43.3856, abs=1e-3), "nps_high": pytest.approx(10 + 43.3856, abs=1e-3),
        "top_two_responses": None, "top_two_rate": None, "top_two_rate_low": None, "top_two_rate_high": None,
        "is_reportable": False, "is_complete_period": True,
    }  # fmt: skip
    # the first answer of somebody who answered again is answered, not scored; 7 and 6 remain
    january = the_row(company, "kpi_satisfaction", month_start="2025-01-01", survey_type="nps", company_size="all")
    assert (january["surveys_sent"], january["surveys_answered"], january["responses"]) == (3, 3, 2)
    assert january["nps"] == -50
    # 0 of 2 promoters, 1 of 2 detractors: -50 -+ 69.3, cut at -100
    assert (january["nps_low"], january["nps_high"]) == (-100, pytest.approx(19.2954, abs=1e-3))
    sizes = company.execute(
        "select company_size, responses, nps from kpi_satisfaction"
        " where month_start = '2025-02-01' and survey_type = 'nps' order by 1"
    ).fetchall()
    # small: 9 and 10; large: 9, 8, 7, 7, 0, 6, 8, 7; somebody of no company did not answer
    assert sizes == [("all", 10, pytest.approx(10)), ("large", 8, -12.5), ("small", 2, 100), ("unknown", 0, None)]
    # where there is no NPS, it has no interval
    without = company.execute(
        "select distinct nps_low, nps_high from kpi_satisfaction where responses = 0 or survey_type <> 'nps'"
    ).fetchall()
    assert without == [(None, None)]
    # without answers there are no bounds, not the widest ones
    silent = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="nps", company_size="unknown")
    assert (silent["nps_low"], silent["nps_high"]) == (None, None)
    # nor for a score that is no NPS; two promoters: 100 and no variance
    csat = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="csat", company_size="all")
    assert (csat["responses"], csat["nps_low"], csat["nps_high"]) == (2, None, None)
    small = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="nps", company_size="small")
    assert (small["nps_low"], small["nps_high"]) == (100, 100)


def test_satisfaction(company: duckdb.DuckDBPyConnection) -> None:
    february = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="csat", company_size="all")
    # four sent, three answered, one of them in March; 4 and 2 in February
    assert (february["surveys_sent"], february["surveys_answered"], february["response_rate"]) == (4, 3, 0.75)
    assert (february["responses"], february["top_two_responses"], february["top_two_rate"]) == (2, 1, 0.5)
    # Wilson, 1 of 2: 1/2 -+ 1.96 sqrt(1/8 + 3.8415/16) / (1 + 3.8415/2)
    assert february["top_two_rate_low"] == pytest.approx(0.0945, abs=5e-5)
    assert february["top_two_rate_high"] == pytest.approx(0.9055, abs=5e-5)
    assert (february["nps"], february["promoters"], february["mean_score"]) == (None, 0, 3)
    march = the_row(company, "kpi_satisfaction", month_start="2025-03-01", survey_type="csat", company_size="all")
    assert (march["surveys_sent"], march["response_rate"], march["responses"], march["top_two_rate"]) == (0, None, 1, 1)
    willing = the_row(company, "kpi_satisfaction", month_start="2025-02-01", survey_type="willingness",
                      company_size="all")  # fmt: skip
    assert (willing["responses"], willing["top_two_responses"], willing["top_two_rate"]) == (1, 0, 0)


def test_thirty_answers_may_be_shown(compiled_project: CompiledProject) -> None:
    # 30 % and 20 % of 30; thirty people of nobody's company
    scores = ["9"] * 9 + ["8"] * 15 + ["0"] * 6
    company = compiled_project.upstream_of("marts.kpi_satisfaction").run(
        survey_responses=[survey(str(number), "nps", None, score) for number, score in enumerate(scores)],
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-02-28"}],
    )
    row = the_row(company, "kpi_satisfaction", company_size="all")
    assert (row["responses"], row["nps"], row["is_reportable"]) == (30, pytest.approx(10), True)


def test_satisfaction_and_revenue(company: duckdb.DuckDBPyConnection) -> None:
    rows = {row["nps_class"]: row for row in records(company, "select * from kpi_satisfaction_revenue")}
    # A1 9.5; A2 8.5, A3 7 and A5 7.5; A4 3 and A6 6.5; A7 was never asked. Net sales 90 + 110 + 65 + 20 = 285
    assert {name: row["customers"] for name, row in rows.items()} == {
        "promoter": 1, "passive": 3, "detractor": 2, "no_answer": 1,
    }  # fmt: skip
    assert {name: float(row["net_sales_12m_amount"]) for name, row in rows.items()} == {
        "promoter": 90, "passive": 110, "detractor": 65, "no_answer": 20,
    }  # fmt: skip
    detractors = rows["detractor"]
    assert (detractors["respondents"], detractors["lost_customers"]) == (4, 1)
    assert (detractors["customers_lost_after_answer"], detractors["lost_after_answer_rate"]) == (1, 0.5)
    assert detractors["lost_after_answer_rate_low"] == pytest.approx(0.0945, abs=5e-5)
    assert detractors["lost_after_answer_rate_high"] == pytest.approx(0.9055, abs=5e-5)
    assert detractors["customer_share_rate"] == pytest.approx(2 / 7)
    assert detractors["net_sales_share_rate"] == pytest.approx(65 / 285)
    assert (detractors["net_sales_per_customer_amount"], detractors["is_reportable"]) == (32.5, False)
    # A3 was lost before it was asked
    assert (rows["passive"]["lost_customers"], rows["passive"]["customers_lost_after_answer"]) == (1, 0)
    assert rows["no_answer"]["customers_lost_after_answer"] is None


def test_accounts_that_need_attention(company: duckdb.DuckDBPyConnection) -> None:
    reasons = dict(company.execute("select account_id, reason from kpi_service_account").fetchall())
    assert reasons == {
        "flat_file:A1": None,
        # 4, 8 and 10 late or unanswered, 5 not due yet
        "flat_file:A2": "late_answers, waiting",
        "flat_file:A3": None,
        "flat_file:A4": "detractor",
        "flat_file:A5": None,
        "flat_file:A6": "detractor",
    }
    assert the_row(company, "kpi_service_account", account_id="flat_file:A1") == {
        "account_id": "flat_file:A1", "account_name": "First", "company_size": "small", "owner_rep_id": None,
        "inquiries": 3, "complaints": 1, "unanswered_inquiries": 0, "due_inquiries": 3,
        "answered_in_time_inquiries": 2, "sla_hit_rate": pytest.approx(2 / 3),
        # Wilson for 2 of 3: (2 + 1.920730 -+ 1.959964 sqrt(2 / 3 + 0.960365)) / 6.841459
        "sla_hit_rate_low": pytest.approx(0.207660, abs=1e-6), "sla_hit_rate_high": pytest.approx(0.938508, abs=1e-6),
        "is_reportable": False,
        "response_median_hours": 2, "response_longest_hours": 66,
        "nps_respondents": 2, "nps_mean_score": 9.5, "nps_class": "promoter", "reason": None, "is_lost": False,
        "last_inquiry_on": date(2025, 1, 31), "last_nps_on": date(2025, 2, 5),
    }  # fmt: skip
    lost = the_row(company, "kpi_service_account", account_id="flat_file:A4")
    assert (lost["inquiries"], lost["sla_hit_rate"], lost["is_lost"]) == (0, None, True)


def test_reviews(company: duckdb.DuckDBPyConnection) -> None:
    row = the_row(company, "kpi_review", month_start="2025-02-01")
    assert row == {
        "period": "2025-02-01", "month_start": date(2025, 2, 1), "reviews": 2, "score_total": 8,
        "good_reviews": 1, "mean_score": 4,
        "good_review_rate": 0.5, "good_review_rate_low": pytest.approx(0.0945, abs=5e-5),
        "good_review_rate_high": pytest.approx(0.9055, abs=5e-5), "is_reportable": False, "is_complete_period": True,
    }  # fmt: skip
    assert the_row(company, "kpi_review", month_start="2025-01-01")["mean_score"] is None
    # all months are complete, and no other has a review
    assert the_row(company, "kpi_review", period="all") == {
        **row, "period": "all", "month_start": None, "is_complete_period": False
    }  # fmt: skip


def test_bounds_end_at_nothing_and_at_everything(compiled_project: CompiledProject) -> None:
    # with 7 and 10 cases the formula misses 0 and 1 in the last digit of a double
    scores = {"2025-01-03": ["1"] * 7, "2025-02-03": ["5"] * 10}
    company = compiled_project.upstream_of("marts.kpi_review").run(
        reviews=[
            {"review_id": f"{day} {number}", "product_id": "P", "score": score, "reviewed_at": day}
            for day, of_the_day in scores.items()
            for number, score in enumerate(of_the_day)
        ],
        orders=[{"order_id": day, "account_id": "A", "ordered_at": day} for day in ("2025-01-03", "2025-02-28")],
    )
    rows = company.execute(
        "select good_review_rate, good_review_rate_low, good_review_rate_high from kpi_review"
        " where period <> 'all' order by month_start"
    ).fetchall()
    # z^2 = 3.841459: none of 7 is at most z^2 / (7 + z^2), all of 10 at least 10 / (10 + z^2)
    assert rows == [(0, 0, pytest.approx(0.354330, abs=1e-6)), (1, pytest.approx(0.722467, abs=1e-6), 1)]
