"""The demo's web tracker has planted truths: the web marts find them, and agree with one another and with the facts."""

import pytest
from command_line import CommandLine


def test_a_session_over_midnight_is_one_session(demo: CommandLine) -> None:
    rows = demo.rows("""
        select sessions.started_on::varchar as day, sessions.events, sessions.duration_seconds, sessions.is_valid,
            max(events.occurred_on)::varchar as last_day
        from fct_sessions as sessions inner join fct_web_events as events using (session_id)
        where sessions.visitor_id = 'demo_web:v-midnight'
        group by all
    """)
    assert rows == [
        {"day": "2026-03-11", "events": 4, "duration_seconds": 41 * 60, "is_valid": True, "last_day": "2026-03-12"}
    ]


def test_late_events_are_counted_and_change_no_day(demo: CommandLine) -> None:
    late = "received_at > occurred_at + interval 1 hour"
    rows = demo.rows(f"select visitor_id, count(*) as n from fct_web_events where {late} group by 1")
    # v-late, and 145 others
    assert sum(row["n"] for row in rows) == 147
    assert next(row["n"] for row in rows if row["visitor_id"] == "demo_web:v-late") == 2
    assert demo.rows(
        "select distinct occurred_on::varchar as d from fct_web_events where visitor_id like '%v-late'"
    ) == [{"d": "2026-04-14"}]
    counted = demo.value(f"select count(*) from fct_web_events where is_valid and {late}")
    assert demo.value("select sum(late_events) from kpi_traffic") == counted


def test_robots_staff_and_repeated_events_are_no_visits(demo: CommandLine) -> None:
    robots = demo.rows("""
        select visitor_id, sum(events) as events, bool_or(is_valid) as is_valid
        from fct_sessions where is_robot group by 1 order by 1
    """)
    assert [row["visitor_id"] for row in robots] == [f"demo_web:r0-{number}" for number in range(9)]
    assert sum(row["events"] for row in robots) == 383
    assert not any(row["is_valid"] for row in robots)
    (sums,) = demo.rows("""
        select sum(recorded_sessions) as recorded, sum(robot_sessions) as robots, sum(staff_sessions) as staff,
            sum(sessions) as sessions
        from kpi_traffic
    """)
    (facts,) = demo.rows("""
        select count(*) as recorded, count(*) filter (where is_robot) as robots,
            count(*) filter (where is_staff) as staff, count(*) filter (where is_valid) as sessions
        from fct_sessions
    """)
    assert sums == facts
    assert sums["robots"] > 0 and sums["staff"] > 0
    assert demo.value("select merged_rows from reconciliation where table_name = 'events'") == 25


def test_the_experiment_that_works_and_the_one_that_does_not(demo: CommandLine) -> None:
    rows = {
        (row["experiment"], row["variant"]): row
        for row in demo.rows("select split_part(experiment_id, ':', 2) as experiment, * from kpi_experiment")
    }
    control, treatment = rows["one_page_checkout", "control"], rows["one_page_checkout", "treatment"]
    assert (control["ordering_units"], control["assigned_units"]) == (54, 760)
    assert (treatment["ordering_units"], treatment["assigned_units"]) == (88, 761)
    # one visitor in control cancelled
    assert (control["converted_units"], treatment["converted_units"]) == (53, 88)
    assert treatment["z_score"] == pytest.approx(3.1, abs=0.05)
    assert treatment["lift_rate"] == pytest.approx(0.66, abs=0.01)
    assert treatment["is_significant"] and treatment["rate_difference_low"] > 0
    other = rows["wide_search_box", "treatment"]
    assert not other["is_significant"]
    assert other["rate_difference_low"] < 0 < other["rate_difference_high"]
    assert not any(row["has_sample_ratio_mismatch"] for row in rows.values())
    assert {str(row["ended_on"])[:10] for row in rows.values()} == {"2026-07-31"}


def test_larger_companies_convert_better_stay_longer_and_bounce_less(demo: CommandLine) -> None:
    rows = {
        row["member"]: row for row in demo.rows("select * from kpi_segment_benchmark where dimension = 'company_size'")
    }
    sizes = [rows[size] for size in ("anonymous", "small", "medium", "large")]
    for column, is_rising in {
        "session_conversion_rate": True,
        "average_duration_minutes": True,
        "median_duration_minutes": True,
        "bounce_rate": False,
        "bounce_rate_ua": False,
    }.items():
        values = [row[column] for row in sizes]
        assert values == sorted(values, reverse=not is_rising), column
        assert len(set(values)) == 4


def test_every_web_order_has_its_session(demo: CommandLine) -> None:
    (sums,) = demo.rows("select sum(web_orders) as web_orders, sum(orphan_web_orders) as orphans from kpi_traffic")
    orders = demo.value("select count(*) from fct_orders where is_valid and order_channel like 'web%'")
    assert sums == {"web_orders": orders, "orphans": 0}


def test_session_conversion_is_that_of_the_board(demo: CommandLine) -> None:
    differences = demo.rows("""
        with board as (
            select month_start, numerator, denominator from kpi_board where metric = 'session_conversion_rate'
        ),
        sources as (
            select month_start, sum(credited_sessions_with_order) as orders, sum(credited_sessions) as sessions
            from kpi_source_conversion group by month_start
        ),
        traffic as (
            select month_start, sum(sessions_with_order) as orders, sum(sessions) as sessions
            from kpi_traffic group by month_start
        )
        select month_start from board
        full join traffic using (month_start)
        full join sources using (month_start)
        where (coalesce(board.numerator, 0), coalesce(board.denominator, 0)) <> (traffic.orders, traffic.sessions)
            or (traffic.orders, traffic.sessions) <> (sources.orders, sources.sessions)
            or traffic.orders is null or sources.orders is null
    """)
    assert differences == []


def test_the_same_sessions_and_visitors_in_every_mart(demo: CommandLine) -> None:
    facts = """
        select date_trunc('month', started_on)::date as month_start, count(*) as sessions,
            count(distinct coalesce(contact_id, visitor_id)) as visitors
        from fct_sessions where is_valid group by 1
    """
    parts = {
        "traffic": "select month_start, sum(sessions), sum(month_visitors) from kpi_traffic group by 1",
        "sources": "select month_start, sum(sessions), null from kpi_source_conversion group by 1",
        "keywords": "select month_start, sum(sessions), null from kpi_keyword group by 1",
        "landing pages": "select month_start, sum(sessions), null from kpi_landing_page group by 1",
        "entrances": "select month_start, sum(entrances), null from kpi_page_engagement group by 1",
        "exits": "select month_start, sum(exits), null from kpi_page_engagement group by 1",
        "funnel": "select month_start, sum(sessions), null from kpi_purchase_funnel where step = 'session' group by 1",
        "stages": "select month_start, sum(sessions), sum(furthest_visitors) from kpi_journey_stage group by 1",
    }
    union = " union all ".join(
        f"select '{name}' as mart, * from ({sql}) as part (month_start, n, people)" for name, sql in parts.items()
    )
    differences = demo.rows(f"""
        select * from ({union}) as parts full join ({facts}) as facts using (month_start)
        where coalesce(n, 0) <> coalesce(sessions, 0) or people <> coalesce(visitors, 0)
    """)
    assert differences == []
    totals = demo.rows("""
        select dimension, sum(sessions) as sessions, sum(orders) as orders, sum(sales_amount) as amount
        from kpi_segment_benchmark group by dimension
    """)
    assert len(totals) == 5
    assert len({(row["sessions"], row["orders"], row["amount"]) for row in totals}) == 1
    year = "> (select as_of_on - interval 12 month from publication_info)"
    assert (
        demo.value(f"select count(*) from fct_sessions where is_valid and started_on {year}") == totals[0]["sessions"]
    )
    assert demo.value(f"select count(*) from fct_orders where is_valid and ordered_on {year}") == totals[0]["orders"]


def test_amounts_carts_and_time_are_those_of_the_facts(demo: CommandLine) -> None:
    (sums,) = demo.rows("""
        select
            (select sum(sales_amount) from kpi_source_conversion)
            - (select sum(net_amount) from fct_sessions where is_valid) as sales,
            (select sum(returns_amount) from kpi_source_conversion)
            - (
                select sum(returns.refund_amount) from fct_returns as returns
                inner join fct_orders as orders using (order_id)
                where returns.is_valid and orders.is_valid and orders.session_id is not null
            ) as refunds,
            (select sum(carts) from kpi_cart_outcomes) - (select count(*) from fct_carts where is_valid) as carts,
            (select sum(ordered_carts) from kpi_cart_outcomes)
            - (select count(*) from fct_carts where is_valid and outcome = 'ordered') as ordered_carts,
            (select sum(seconds_on_page) from kpi_page_engagement)
            - (select sum(duration_seconds) from fct_sessions where is_valid) as seconds,
            (select sum(page_views) from kpi_page_engagement)
            - (select sum(page_views) from kpi_traffic) as page_views,
            (select sum(web_orders) from kpi_traffic)
            - (select sum(orders) from kpi_source_conversion) as web_orders
    """)
    assert {name: float(value) for name, value in sums.items()} == dict.fromkeys(sums, 0.0)
