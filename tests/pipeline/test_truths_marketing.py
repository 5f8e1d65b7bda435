"""Marketing in the demo company: what is planted is found, and the same number in two marts is the same number."""

import pytest
from command_line import CommandLine


@pytest.mark.parametrize("model", ["first", "last", "linear", "position", "time_decay", "shapley"])
def test_attribution_gives_all_orders_and_all_net_sales(demo: CommandLine, model: str) -> None:
    (facts,) = demo.rows(
        """select count(*) as orders, sum(net_amount) - (
            select sum(refund_amount) from fct_returns where is_valid and order_id is not null
        ) as net_sales
        from fct_orders where is_valid"""
    )
    (credited,) = demo.rows(
        f"""select sum(credit) as orders, sum(net_sales_amount) as net_sales
        from kpi_attribution where attribution_model = '{model}'"""
    )
    assert credited["orders"] == pytest.approx(facts["orders"])
    assert float(credited["net_sales"]) == pytest.approx(float(facts["net_sales"]), abs=1)


def test_campaigns_and_channels_agree_with_each_other_and_the_facts(demo: CommandLine) -> None:
    measures = ("spend_amount", "clicks", "impressions", "sessions", "attributed_orders", "net_sales_amount",
                "margin_amount")  # fmt: skip
    sums = ", ".join(f"cast(sum({measure}) as double) as {measure}" for measure in measures)
    (campaigns,) = demo.rows(f"select {sums} from kpi_campaign")
    (channels,) = demo.rows(f"select {sums} from kpi_channel where channel <> 'all'")
    (total,) = demo.rows(f"select {sums} from kpi_channel where channel = 'all'")
    assert campaigns == pytest.approx(channels)
    assert total == pytest.approx(channels)
    (facts,) = demo.rows(
        """select
            (select cast(sum(cost_amount) as double) from fct_ad_spend where is_valid) as spend_amount,
            (select count(*) from fct_sessions where is_valid) as sessions,
            (select count(*) from fct_orders where is_valid) as attributed_orders"""
    )
    assert {key: total[key] for key in facts} == pytest.approx(facts)
    assert demo.value("select sum(leads) from kpi_campaign") == demo.value(
        "select count(*) from fct_leads where is_valid"
    )


def test_new_customers_are_those_of_the_board(demo: CommandLine) -> None:
    differing = demo.value(
        """select count(*) from kpi_board as board
        full join kpi_channel as channels
            on board.month_start = channels.month_start and channels.channel = 'all'
        where board.metric = 'new_customers' and board.value is distinct from channels.new_customers"""
    )
    assert differing == 0


def test_every_web_order_has_a_touch(demo: CommandLine) -> None:
    # the tracker saw all of them
    rows = demo.rows(
        """select count(*) as orders from kpi_attribution
        where attribution_model = 'last' and channel = 'unattributed'
        and order_channel in ('web_self_service', 'web_assisted')"""
    )
    assert rows == [{"orders": 0}]


def test_offline_orders_researched_on_the_web_have_touches(demo: CommandLine) -> None:
    # docs/demo_company.md: 102 offline orders of A1904 to A1909, each with a visit 2 to 27 days before
    (row,) = demo.rows(
        """select count(*) as orders, count(*) filter (where channel = 'unattributed') as unattributed
        from kpi_attribution
        where attribution_model = 'last' and account_id between 'demo_crm:A1904' and 'demo_crm:A1909'
        and order_channel in ('phone', 'email', 'sales_rep')"""
    )
    assert row == {"orders": 102, "unattributed": 0}


def test_trade_fairs_spend_their_budget_without_a_click(demo: CommandLine) -> None:
    rows = demo.rows(
        """select campaign_id, sum(cast(spend_amount as double)) as spend, max(budget_use_rate) as used,
        sum(clicks) as clicks, sum(leads) > 0 as has_leads
        from kpi_campaign where channel = 'event' group by campaign_id order by campaign_id"""
    )
    assert rows == [
        {"campaign_id": f"demo_marketing:{number}", "spend": spend, "used": 1, "clicks": 0, "has_leads": True}
        for number, spend in (("K06", 38000), ("K07", 42000))
    ]


def test_campaigns_carry_their_visits(demo: CommandLine) -> None:
    # newsletters and advertisements are named in links by their number
    without_visits = demo.rows(
        """select campaign_name from kpi_campaign where channel in ('email', 'paid_search', 'social')
        group by campaign_name having sum(sessions) = 0"""
    )
    assert without_visits == []


def test_newsletters(demo: CommandLine) -> None:
    (row,) = demo.rows(
        """select count(*) as campaigns, sum(sent) as sent, sum(delivered) as delivered, sum(opens) as opens,
        sum(clicks) as clicks, sum(machine_clicks) as machine_clicks from kpi_email"""
    )
    assert row["campaigns"] == 14
    assert row["sent"] == demo.value("select count(*) from fct_email_events where is_valid and event_name = 'sent'")
    assert row["clicks"] < row["opens"] < row["delivered"] < row["sent"]
    assert row["machine_clicks"] > 0
