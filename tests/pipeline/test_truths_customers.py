"""What is planted about customers in the demo is found, and one number is the same number in every mart."""

import pytest
from command_line import CommandLine

NET_SALES = (
    "(select sum(net_amount) from fct_orders where is_valid)"
    " - (select sum(refund_amount) from fct_returns where is_valid)"
)


def test_the_late_the_pausing_and_the_lost_customer(demo: CommandLine) -> None:
    rows = demo.rows(
        "select account_id[-5:] as account, cadence_state, round(overdue_ratio, 2) as ratio, earlier_years,"
        " paused_years, reason from kpi_account_cadence where account_id[-5:] in ('A1900', 'A1901', 'A1902') order by 1"
    )
    assert rows == [
        {"account": "A1900", "cadence_state": "overdue", "ratio": 1.54, "earlier_years": 1, "paused_years": 0,
         "reason": "No order for 43 days, 1.54 times the usual 28.0 days;"
         " not so in the same season of 1 of 1 earlier year"},
        {"account": "A1901", "cadence_state": "seasonal_pause", "ratio": 2.75, "earlier_years": 2, "paused_years": 2,
         "reason": "No order for 77 days, 2.75 times the usual 28.0 days; as in the same season of 2 earlier years"},
        {"account": "A1902", "cadence_state": "lost", "ratio": 22.29, "earlier_years": 1, "paused_years": 0,
         "reason": "No order for 312 days; lost since 2026-05-10"},
    ]  # fmt: skip


def test_the_key_account_was_unhappy_before_it_was_lost(demo: CommandLine) -> None:
    (row,) = demo.rows(
        "select is_lost, nps, nps_detractors, active_users, orders, strftime(last_ordered_on, '%Y-%m-%d') as last"
        " from kpi_account_profile where account_id = 'demo_crm:A1902'"
    )
    assert row == {
        "is_lost": True, "nps": -100, "nps_detractors": 1, "active_users": 0, "orders": 36, "last": "2025-11-10",
    }  # fmt: skip
    # 10 November 2025 + 180 days, and one more
    assert demo.value("select customers_lost from kpi_churn where month_start = '2026-05-01'") >= 1


def test_testers_are_nobodys_customers(demo: CommandLine) -> None:
    for mart in ("kpi_account_profile", "kpi_account_cadence", "kpi_account_value"):
        assert demo.value(f"select count(*) from {mart} where account_id = 'demo_crm:A1999'") == 0
    # seven guests, though one wrote its address in two ways
    assert demo.value("select count(*) from kpi_account_value where is_guest") == 7


@pytest.mark.parametrize(
    "expression",
    [
        "(select sum(net_sales_amount) from kpi_account_profile)",
        "(select sum(clv_revenue_amount) from kpi_account_value)",
        "(select sum(net_sales_amount) from kpi_cohort_retention)",
        "(select sum(current_amount) from kpi_revenue_bridge where comparison = 'month')",
    ],
)
def test_net_sales_are_the_same_everywhere(demo: CommandLine, expression: str) -> None:
    assert demo.value(f"select {expression} = {NET_SALES}")


def test_every_month_has_the_revenue_of_the_board(demo: CommandLine) -> None:
    rows = demo.rows(
        "select board.month_start, board.numerator, bridge.current_amount from kpi_board as board full join"
        " kpi_revenue_bridge as bridge on board.month_start = bridge.month_start and bridge.comparison = 'month'"
        " where board.metric = 'revenue' and board.numerator is distinct from bridge.current_amount"
    )
    assert rows == []


def test_customers_of_a_month_are_those_of_the_board(demo: CommandLine) -> None:
    for metric in ("new_customers", "repeat_customers", "customers_lost"):
        differing = demo.value(
            "select count(*) from kpi_board as board full join kpi_churn as churn using (month_start)"
            f" where board.metric = '{metric}' and board.numerator is distinct from churn.{metric}"
        )
        assert differing == 0, metric


def test_what_is_left_at_the_end_are_the_customers_not_lost(demo: CommandLine) -> None:
    (row,) = demo.rows("select * from kpi_churn order by month_start desc limit 1")
    (profiles,) = demo.rows(
        "select count(*) filter (where not is_lost) as customers, count(*) as customers_to_date,"
        " count(*) filter (where is_repeat_customer) as repeat_customers, sum(orders) as orders"
        " from kpi_account_profile where is_customer"
    )
    assert row["customers_at_end"] == profiles["customers"]
    assert row["customers_to_date"] == profiles["customers_to_date"]
    assert row["repeat_customers_to_date"] == profiles["repeat_customers"]
    assert row["orders_to_date"] == profiles["orders"]
    (reached,) = demo.rows(
        "select customers, customers_continued from kpi_repeat_probability"
        " where counted_by = 'order_days' and purchase_number = 1"
    )
    assert reached == {
        "customers": profiles["customers_to_date"], "customers_continued": profiles["repeat_customers"],
    }  # fmt: skip


def test_two_marts_agree_about_an_account(demo: CommandLine) -> None:
    differing = demo.value(
        "select count(*) from kpi_account_profile as profile join kpi_account_value as value using (account_id)"
        " where profile.net_sales_12m_amount <> value.net_sales_12m_amount"
        " or profile.margin_amount <> value.clv_margin_amount or profile.orders <> value.orders"
    )
    assert differing == 0
    differing = demo.value(
        "select count(*) from kpi_account_profile as profile full join kpi_account_cadence as cadence"
        " using (account_id) where profile.is_customer and (profile.is_overdue, profile.is_seasonal_pause,"
        " profile.is_lost) is distinct from (cadence.is_overdue, cadence.is_seasonal_pause, cadence.is_lost)"
    )
    assert differing == 0


def test_margin_is_that_of_lines_and_returns_with_a_cost(demo: CommandLine) -> None:
    assert demo.value(
        "select (select sum(margin_amount) from kpi_account_profile)"
        " = (select sum(net_amount - cost_amount) from fct_order_lines where is_valid)"
        " - (select sum(refund_amount - cost_amount) from fct_returns where is_valid)"
    )


def test_users_at_the_end_are_those_of_the_profiles(demo: CommandLine) -> None:
    (months,) = demo.rows(
        "select sum(users) as users, sum(active_users) as active_users, sum(ordering_users) as ordering_users"
        " from kpi_account_users where month_start = (select max(month_start) from kpi_account_users)"
    )
    (profiles,) = demo.rows(
        "select sum(users) as users, sum(active_users) as active_users, sum(ordering_users) as ordering_users"
        " from kpi_account_profile"
    )
    assert months == profiles
    assert 0 < months["ordering_users"] < months["active_users"] < months["users"]


def test_every_window_is_concentrated_as_its_accounts_are(demo: CommandLine) -> None:
    rows = demo.rows(
        "select account.hhi <= groups.hhi as is_less"
        " from kpi_concentration as account join kpi_concentration as groups using (month_start)"
        " where account.level = 'account' and groups.level = 'ultimate_parent' and account.is_complete_period"
    )
    # a group is at least as large as its parts
    assert rows and all(row["is_less"] for row in rows)


def test_retention_of_revenue_is_bounded(demo: CommandLine) -> None:
    rows = demo.rows("select nrr_rate, grr_rate from kpi_revenue_bridge where nrr_rate is not null")
    assert len(rows) == 3
    assert all(0 <= row["grr_rate"] <= min(1, row["nrr_rate"]) for row in rows)
