"""What is planted in the demo company about quotes and sales is found, and two marts never differ about one number."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from command_line import CommandLine
from compiled import records

DEEP = "demo_crm:R07"


@pytest.fixture(scope="module")
def marts(demo: CommandLine) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(demo.publication), read_only=True) as connection:
        yield connection


def value(marts: duckdb.DuckDBPyConnection, query: str) -> Any:
    ((found,),) = marts.execute(query).fetchall()
    return found


def test_the_deep_discounter_and_nobody_else_is_flagged(marts: duckdb.DuckDBPyConnection) -> None:
    # planted: prices 18 % below the catalog's on average, other reps 1 to 3 %
    depths = {
        row["rep_id"]: row["depth"]
        for row in records(
            marts,
            "select rep_id, 1 - sum(agreed_amount)::double / sum(gross_sales_amount) as depth from kpi_rep_performance"
            " where rep_id <> 'unknown' group by rep_id",
        )
    }
    assert depths.pop(DEEP) == pytest.approx(0.18, abs=0.01)
    assert len(depths) == 11
    assert min(depths.values()) >= 0.01 and max(depths.values()) < 0.04
    flagged = records(marts, "select distinct rep_id from kpi_rep_performance where is_deep_discounter")
    assert flagged == [{"rep_id": DEEP}]
    assert value(
        marts,
        f"select bool_and(is_deep_discounter) from kpi_rep_performance where rep_id = '{DEEP}'"
        " and month_start >= date '2026-01-01'",
    )


def test_the_deep_discounter_gives_in_on_quotes_too(marts: duckdb.DuckDBPyConnection) -> None:
    # planted: 22 % on quotes, others 4 to 6 %; the same depth by the month of request as by the month of decision
    for mart, base, negotiated, condition in [
        ("kpi_rep_performance", "quotes_base_amount", "quotes_negotiated_amount", "rep_id <> 'unknown'"),
        ("kpi_negotiation", "base_amount", "negotiated_amount", "dimension = 'rep' and period = 'all'"),
    ]:
        rep = "rep_id" if mart == "kpi_rep_performance" else "member"
        depths = {
            row["rep"]: row["depth"]
            for row in records(
                marts,
                f"select {rep} as rep, 1 - sum({negotiated})::double / sum({base}) as depth from {mart}"
                f" where {condition} group by {rep}",
            )
        }
        assert depths.pop(DEEP) == pytest.approx(0.22, abs=0.01)
        assert min(depths.values()) >= 0.035 and max(depths.values()) <= 0.06


def test_quotes_ordered_after_they_expired_are_no_conversions(marts: duckdb.DuckDBPyConnection) -> None:
    # planted: Q-20060 and Q-20064, at the list price
    assert value(marts, "select count(*) from fct_quotes where is_ordered_at_list and not is_converted") == 2
    (funnel,) = records(
        marts,
        "select sum(expired_quotes) as expired, sum(converted_quotes) as converted,"
        " sum(ordered_outside_quotes) as outside from kpi_quote_funnel where dimension = 'all'"
        " and period <> 'all'",
    )
    quotes = "select count(*) from fct_quotes where is_valid and {}"
    assert funnel["expired"] == value(marts, quotes.format("status = 'expired'"))
    assert funnel["converted"] == value(marts, quotes.format("is_converted"))
    # ordered, but the order was cancelled
    assert funnel["outside"] == value(marts, quotes.format("status = 'ordered' and not is_converted")) > 0


def test_no_deal_was_decided_before_it_was_opened(marts: duckdb.DuckDBPyConnection) -> None:
    # planted: D2901, which screening rejects
    assert value(marts, "select min(shortest_cycle_days) from kpi_win_rate") >= 0
    assert value(marts, "select count(*) from kpi_buying_group where opportunity_id like '%D2901'") == 0


def test_the_board_and_the_sales_marts_agree(marts: duckdb.DuckDBPyConnection) -> None:
    board = (
        "select month_start, coalesce(numerator, 0) as numerator, coalesce(denominator, 0) as denominator,"
        " is_complete_period from kpi_board where metric = '{}' order by 1"
    )
    assert records(marts, board.format("win_rate")) == records(
        marts,
        "select month_start, won_deals as numerator, decided_deals as denominator, is_complete_period"
        " from kpi_win_rate where dimension = 'all' order by 1",
    )
    assert records(marts, board.format("lead_conversion_rate")) == records(
        marts,
        "select month_start, sum(converted_leads) as numerator, sum(leads) as denominator,"
        " bool_and(is_complete_period) as is_complete_period from kpi_lead_conversion where period <> 'all'"
        " group by 1 order by 1",
    )


def test_sales_by_rep_add_up_to_all_sales(marts: duckdb.DuckDBPyConnection) -> None:
    total = value(
        marts,
        "select (select sum(net_amount) from fct_orders where is_valid)"
        " - (select sum(refund_amount) from fct_returns where is_valid)",
    )
    for column in ("net_sales_amount", "owned_net_sales_amount"):
        assert value(marts, f"select sum({column}) from kpi_rep_performance") == total
    for column in ("orders", "owned_orders"):
        orders = value(marts, "select count(*) from fct_orders where is_valid")
        assert value(marts, f"select sum({column}) from kpi_rep_performance") == orders
    margin = value(
        marts,
        "select (select sum(net_amount - cost_amount) from fct_order_lines where is_valid)"
        " - (select sum(refund_amount - cost_amount) from fct_returns where is_valid)",
    )
    assert value(marts, "select sum(margin_amount) from kpi_rep_performance") == margin


def test_quotes_by_any_dimension_add_up(marts: duckdb.DuckDBPyConnection) -> None:
    valid = value(marts, "select count(*) from fct_quotes where is_valid")
    requested = (
        "select dimension, sum(requested_quotes) as quotes from kpi_quote_funnel where period <> 'all' group by 1"
    )
    for row in records(marts, requested):
        assert row["quotes"] == valid, row
    assert value(marts, "select sum(requested_quotes) from kpi_rep_performance") == valid
    decided = value(marts, "select count(*) from fct_quotes where is_valid and closed_at is not null")
    by_month = "select dimension, sum(decided_quotes) as quotes from kpi_negotiation where period {} 'all' group by 1"
    for comparison in ("=", "<>"):
        rows = records(marts, by_month.format(comparison))
        assert len(rows) == 4 and all(row["quotes"] == decided for row in rows)
    # what is open is on the work list, row by row
    open_quotes = value(marts, "select count(*) from kpi_quote_outlook")
    assert open_quotes > 0
    by_rep = "select sum(open_quotes) from kpi_quote_funnel where dimension = 'rep' and period <> 'all'"
    assert value(marts, by_rep) == open_quotes
    assert value(marts, "select sum(open_entries) from kpi_quote_state_times where period = 'all'") == open_quotes


def test_the_pipeline_adds_up_and_ends_with_what_is_open(marts: duckdb.DuckDBPyConnection) -> None:
    columns = "count(*) as deals, sum(amount) as amount"
    by_stage = "sum(open_deals) as deals, sum(open_amount) as amount"
    assert records(marts, f"select {by_stage} from kpi_pipeline where is_as_of") == records(
        marts, f"select {columns} from fct_opportunities where outcome = 'open'"
    )
    health = (
        "select snapshot_on, sum(open_deals) as deals, sum(open_amount) as amount, sum(weighted_amount) as weighted"
        " from kpi_pipeline_health where dimension = '{}' and open_deals > 0 group by 1 order by 1"
    )
    days = records(
        marts,
        f"select snapshot_on, {by_stage}, sum(weighted_amount) as weighted from kpi_pipeline group by 1 order by 1",
    )
    assert records(marts, health.format("all")) == records(marts, health.format("rep")) == days
    # deals that went further were won more often
    rates = {
        row["stage"]: row["rate"]
        for row in records(
            marts, "select stage, max(stage_win_rate) as rate from kpi_pipeline where is_as_of group by 1"
        )
    }
    assert rates["qualified"] < rates["needs analysis"] < rates["proposal"] < rates["negotiation"]


def test_quotes_grow_cold(marts: duckdb.DuckDBPyConnection) -> None:
    rates = [
        row["success_rate"]
        for row in records(
            marts,
            "select success_rate from kpi_quote_odds where state = 'sent' and age_from_days >= 3"
            " order by age_from_days",
        )
    ]
    assert len(rates) == 4 and rates == sorted(rates, reverse=True) and rates[0] > 0.3


@pytest.mark.parametrize(
    ("mart", "members"),
    [
        ("kpi_quote_funnel", "dimension || member"),
        ("kpi_lead_conversion", "source"),
        ("kpi_digital_influence", "order_channel"),
        ("kpi_order_channel", "order_channel"),
        ("kpi_review", "'all'"),
    ],
)
def test_what_is_too_little_in_a_month_is_enough_over_all(
    marts: duckdb.DuckDBPyConnection, mart: str, members: str
) -> None:
    counts = f"select count(distinct {members}) from {mart} where period {{}} 'all' and is_reportable"
    assert value(marts, counts.format("=")) > value(marts, counts.format("<>"))
    assert value(marts, f"select count(*) from {mart} where period = 'all' and is_complete_period") == 0
