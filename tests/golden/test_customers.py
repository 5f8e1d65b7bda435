"""Cadence, losses and cohorts on order histories that can be worked out by hand."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, board, records


def orders(histories: dict[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """One order of 10 per account and day, with its line."""
    headers = [
        {"order_id": f"{account}-{number}", "account_id": account, "ordered_at": f"{day} 12:00:00"}
        for account, days in histories.items()
        for number, day in enumerate(days)
    ]
    lines = [{"order_id": header["order_id"], "quantity": "1", "unit_price": "10"} for header in headers]
    return {"orders": headers, "order_lines": lines}


def every(days: int, times: int, first: str) -> list[str]:
    start = date.fromisoformat(first)
    return [(start + timedelta(days=days * number)).isoformat() for number in range(times)]


def profile(company: duckdb.DuckDBPyConnection, account: str) -> dict[str, Any]:
    return records(company, f"select * from kpi_account_profile where account_id = 'flat_file:{account}'")[0]


def test_four_week_customer_six_weeks_silent_is_overdue(compiled_project: CompiledProject) -> None:
    # metrics.md section 4: every 4 weeks, last order 6 weeks ago, ratio 1.5
    four_weekly = every(28, 10, "2025-01-06")
    last_day = (date.fromisoformat(four_weekly[-1]) + timedelta(days=42)).isoformat()
    company = compiled_project.run(**orders({"LATE": four_weekly, "OTHER": ["2025-01-02", last_day]}))
    late = profile(company, "LATE")
    assert late["usual_interval_days"] == 28
    assert late["days_since_last_order"] == 42
    assert late["overdue_ratio"] == 1.5
    assert late["interval_basis"] == "own"
    assert late["is_overdue"]
    assert not late["is_lost"]
    assert late["expected_next_order_on"] == date.fromisoformat(four_weekly[-1]) + timedelta(days=28)


def test_irregular_customer_is_not_overdue_within_its_own_range(compiled_project: CompiledProject) -> None:
    # intervals 10, 10, 10, 10, 90: median 10, p90 = 58; 50 days of silence are five usual intervals, yet in its range
    days = ["2025-01-01", "2025-01-11", "2025-01-21", "2025-01-31", "2025-02-10", "2025-05-11"]
    company = compiled_project.run(**orders({"A": days, "OTHER": ["2025-06-30"]}))
    row = profile(company, "A")
    assert (row["usual_interval_days"], row["days_since_last_order"]) == (10, 50)
    assert row["interval_limit_days"] == pytest.approx(58)
    assert row["overdue_ratio"] == 5
    assert not row["is_overdue"]


def test_few_intervals_are_drawn_to_the_size_class(compiled_project: CompiledProject) -> None:
    # NEW has one interval of 40 days; REGULAR, of the same class, four of 10. Class mean (40 + 4 x 10) / 5 = 16;
    # NEW: (1 x 40 + 3 x 16) / (1 + 3) = 22
    company = compiled_project.run(
        **orders({"NEW": ["2025-01-01", "2025-02-10"], "REGULAR": every(10, 5, "2025-01-01"), "ONCE": ["2025-01-05"]})
    )
    assert profile(company, "NEW")["usual_interval_days"] == pytest.approx(22)
    assert profile(company, "NEW")["interval_basis"] == "shrunk"
    # one order has no cadence: shown with its class's interval, never overdue
    once = profile(company, "ONCE")
    assert (once["interval_basis"], once["usual_interval_days"], once["is_overdue"]) == ("segment", 16, False)


def test_two_orders_on_one_day_are_one_order_day(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(**orders({"A": ["2025-01-03", "2025-01-03"], "B": ["2025-01-03", "2025-01-04"]}))
    same_day, next_day = profile(company, "A"), profile(company, "B")
    assert (same_day["orders"], same_day["order_days"], same_day["is_repeat_customer"]) == (2, 1, False)
    assert (next_day["orders"], next_day["order_days"], next_day["is_repeat_customer"]) == (2, 2, True)


def test_losses_are_dated_when_the_silence_gets_too_long(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        **orders(
            {
                # no interval: threshold 180 days; 2024-01-10 + 181 = 2024-07-09
                "ONCE": ["2024-01-10"],
                # interval 100: threshold 300; 2024-04-10 + 301 = 2025-02-05; back on 2025-03-01, which keeps the loss
                "SLOW": ["2024-01-01", "2024-04-10", "2025-03-01"],
                # 181 days after the only order, on the very day it would be lost: not lost
                "IN-TIME": ["2024-01-10", "2024-07-09", "2024-12-01", "2025-03-31"],
            }
        )
    )
    lost = {month: value for month, value in board(company, "customers_lost").items() if value != 0}
    assert lost == {"2024-07": 1, "2025-02": 1}
    assert profile(company, "ONCE")["is_lost"]
    assert not profile(company, "SLOW")["is_lost"]
    assert not profile(company, "IN-TIME")["is_lost"]


def test_later_orders_do_not_rewrite_when_a_customer_was_lost(compiled_project: CompiledProject) -> None:
    # with all intervals (200, 1, 1) the median would be 1 and with only the first it is 200: the threshold after the
    # second order is 600 days, so the customer was not lost in between
    history = ["2022-01-03", "2022-07-22", "2024-01-15", "2024-01-16", "2024-01-17"]
    company = compiled_project.run(**orders({"A": history}))
    # 2022-01-03 + 181 = 2022-07-03: before the second order on 07-22, when no interval was known yet
    assert {m: v for m, v in board(company, "customers_lost").items() if v != 0} == {"2022-07": 1}


def test_cohorts(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(
        **orders(
            {
                "A": ["2025-01-02", "2025-01-20", "2025-03-05"],
                "B": ["2025-01-31", "2025-02-01"],
                "C": ["2025-02-28", "2025-03-10"],
            }
        )
    )
    cells = records(
        company,
        "select strftime(cohort_month, '%m') as cohort, months_since, cohort_customers, retained_customers,"
        " retention_rate, is_complete_period from kpi_cohort_retention order by 1, 2",
    )
    assert [tuple(cell.values()) for cell in cells] == [
        ("01", 0, 2, 2, 1.0, True),
        ("01", 1, 2, 1, 0.5, True),
        # data end on 10 March: counted, but no rate
        ("01", 2, 2, 1, None, False),
        ("02", 0, 1, 1, 1.0, True),
        ("02", 1, 1, 1, None, False),
    ]
    bounds = company.execute(
        "select retention_rate_low, retention_rate_high, is_reportable from kpi_cohort_retention"
        " where cohort_month = '2025-01-01' order by months_since"
    ).fetchall()
    # Wilson for 2 of 2: 2 / (2 + 3.8415) to 1; for 1 of 2: 1/2 -+ 0.4055; none while the month is not over
    assert bounds == [
        (pytest.approx(0.34238, abs=1e-5), 1, False),
        (pytest.approx(0.09453, abs=1e-5), pytest.approx(0.90547, abs=1e-5), False),
        (None, None, False),
    ]


def test_a_cohort_of_thirty_may_be_shown(compiled_project: CompiledProject) -> None:
    days = {f"A{number}": ["2025-01-02"] for number in range(30)} | {
        f"B{number}": ["2025-02-03"] for number in range(29)
    }
    company = compiled_project.run(**orders({**days, "A0": ["2025-01-02", "2025-02-28"]}))
    cells = company.execute(
        "select month(cohort_month), months_since, retained_customers, is_reportable from kpi_cohort_retention"
        " order by 1, 2"
    ).fetchall()
    assert cells == [(1, 0, 30, True), (1, 1, 1, True), (2, 0, 29, False)]


def test_first_month_that_begins_late_is_not_complete(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(**orders({"A": ["2025-01-08", "2025-03-31"]}))
    months = company.execute(
        "select strftime(month_start, '%m'), is_complete_period from kpi_board where metric = 'orders' order by 1"
    ).fetchall()
    assert months == [("01", False), ("02", True), ("03", True)]


def test_returns_of_an_unlisted_account_stay_with_it(compiled_project: CompiledProject) -> None:
    tables = orders({"A": ["2025-01-03"]})
    returned = [{"return_id": "1", "account_id": "B", "returned_at": "2025-01-03", "refund_amount": "4"}]
    company = compiled_project.run(**tables, returns=returned)
    assert profile(company, "B")["net_sales_amount"] == -4
    assert not profile(company, "B")["is_customer"]
    total = company.execute("select sum(net_sales_amount) from kpi_account_profile").fetchone()[0]
    assert board(company, "revenue") == {"2025-01": 6} and total == 6


def test_a_customer_silent_for_two_years_has_the_interval_of_its_class(compiled_project: CompiledProject) -> None:
    company = compiled_project.run(**orders({"OLD": ["2020-01-03"], "REGULAR": every(10, 5, "2025-01-01")}))
    old = profile(company, "OLD")
    assert (old["interval_basis"], old["interval_count"], old["usual_interval_days"]) == ("segment", 0, 10)
    assert old["is_lost"] and not old["is_overdue"]


def test_a_season_excuses_a_silence(compiled_project: CompiledProject) -> None:
    # all last ordered on 2 July 2025, 42 days before the last day, with a usual interval of 28 days: ratio 1.5.
    # SEASONAL pauses for 84 days from early July on, in 2023 and in 2024; LATE never did; YOUNG was not there
    pauses = [
        date(2023, 7, 5) + timedelta(days=364 * year + day) for year in (0, 1) for day in (0, *range(84, 337, 28))
    ]
    company = compiled_project.upstream_of("marts.kpi_account_cadence", "marts.kpi_account_profile").run(
        **orders(
            {
                "SEASONAL": [day.isoformat() for day in pauses] + ["2025-07-02"],
                "LATE": every(28, 27, "2023-07-05"),
                "YOUNG": every(28, 10, "2024-10-23"),
                "LOST": ["2024-01-10"],
                "LAST-DAY": ["2025-08-13"],
            }
        )
    )
    rows = records(company, "select * from kpi_account_cadence")
    found = {row["account_id"].split(":")[1]: row for row in rows}
    for name in ("SEASONAL", "LATE", "YOUNG"):
        assert (found[name]["days_since_last_order"], found[name]["usual_interval_days"]) == (42, 28)
        assert (found[name]["interval_limit_days"], found[name]["overdue_ratio"]) == (28, 1.5)
    states = {name: (row["cadence_state"], row["is_overdue"], row["reason"]) for name, row in found.items()}
    assert states == {
        "SEASONAL": ("seasonal_pause", False, "No order for 42 days, 1.50 times the usual 28.0 days;"
                     " as in the same season of 2 earlier years"),
        "LATE": ("overdue", True, "No order for 42 days, 1.50 times the usual 28.0 days;"
                 " not so in the same season of 2 of 2 earlier years"),
        "YOUNG": ("overdue", True, "No order for 42 days, 1.50 times the usual 28.0 days;"
                  " no earlier year to compare with"),
        # 2024-01-10 + 181 days; 581 days before the last day
        "LOST": ("lost", False, "No order for 581 days; lost since 2024-07-09"),
        "LAST-DAY": ("no_rhythm", False, None),
    }  # fmt: skip
    assert (found["SEASONAL"]["earlier_years"], found["SEASONAL"]["paused_years"]) == (2, 2)
    assert found["LATE"]["expected_next_order_on"] == date(2025, 7, 30)
    assert found["LATE"]["usual_order_day_amount"] == 10
    # the last two intervals of the three are equal: no variance, no k
    assert (found["LATE"]["segment_regularity"], found["LATE"]["segment_regularity_customers"]) == (None, 3)
    assert found["LATE"]["company_size"] == "unknown"
    for name in found:
        for flag in ("is_overdue", "is_seasonal_pause", "is_lost"):
            assert profile(company, name)[flag] == found[name][flag]
