"""The marts of finance agree with the facts, and with what the demo company is like."""

import pytest
from command_line import CommandLine


def test_the_last_balance_is_what_invoices_say_is_open(demo: CommandLine) -> None:
    balance = demo.value(
        "select sum(closing_amount) from kpi_receivables"
        " where month_start = (select max(month_start) from kpi_receivables)"
    )
    assert balance == demo.value("select sum(open_amount) from fct_invoices where is_valid")
    assert balance == demo.value("select sum(open_amount) from kpi_credit")


def test_the_last_aging_is_that_of_the_invoices(demo: CommandLine) -> None:
    (mart,) = demo.rows(
        "select sum(current_amount) as current, sum(past_due_1_30_amount) as b1, sum(past_due_31_60_amount) as b2,"
        " sum(past_due_61_90_amount) as b3, sum(past_due_over_90_amount) as b4, sum(disputed_amount) as disputed"
        " from kpi_receivables where month_start = (select max(month_start) from kpi_receivables)"
    )
    (facts,) = demo.rows(
        "select sum(open_amount) filter (where aging_bucket = 'current') as current,"
        " sum(open_amount) filter (where aging_bucket = '1-30') as b1,"
        " sum(open_amount) filter (where aging_bucket = '31-60') as b2,"
        " sum(open_amount) filter (where aging_bucket = '61-90') as b3,"
        " sum(open_amount) filter (where aging_bucket = 'over_90') as b4,"
        " sum(open_amount) filter (where aging_bucket is not null and is_disputed) as disputed"
        " from fct_invoices where is_valid"
    )
    assert mart == facts


def test_all_that_was_invoiced_and_paid_is_in_the_movements(demo: CommandLine) -> None:
    (mart,) = demo.rows("select sum(invoiced_amount) as invoiced, sum(paid_amount) as paid from kpi_receivables")
    assert mart["invoiced"] == demo.value("select sum(amount) from fct_invoices where is_valid")
    # a payment that came before its invoice is not lost
    assert mart["paid"] == demo.value(
        "select sum(payments.amount) from fct_payments as payments inner join fct_invoices as invoices"
        " on payments.invoice_id = invoices.invoice_id where payments.is_valid and invoices.is_valid"
    )
    terms = demo.value("select sum(invoiced_amount) from kpi_payment_terms")
    assert terms == demo.value("select sum(amount) from fct_invoices where is_valid and amount > 0")


def test_both_clocks_of_punctuality_count_the_same_invoices(demo: CommandLine) -> None:
    counts = "sum(invoices_due) as due, sum(on_time_invoices) as on_time, sum(late_days) as late"
    assert demo.rows(f"select {counts} from kpi_receivables") == demo.rows(f"select {counts} from kpi_payment_terms")


def test_terms_of_the_demo(demo: CommandLine) -> None:
    rows = demo.rows(
        "select payment_terms, sum(invoices) as invoices, sum(on_time_invoices) / sum(invoices_due) as on_time"
        " from kpi_payment_terms group by payment_terms"
    )
    terms = {row["payment_terms"]: row for row in rows}
    assert set(terms) == {"0 days", "30 days", "60 days", "90 days"}
    # paid by card on the day
    assert terms["0 days"]["on_time"] == 1
    assert terms["30 days"]["invoices"] == max(row["invoices"] for row in rows)


def test_margin_is_that_of_the_board_and_the_facts(demo: CommandLine) -> None:
    (mart,) = demo.rows(
        "select sum(net_sales_amount) as net_sales, sum(cost_amount) as cost, sum(costed_net_sales_amount) as costed"
        " from kpi_margin"
    )
    sales = demo.value("select sum(net_amount) from fct_orders where is_valid")
    refunds = demo.value("select sum(refund_amount) from fct_returns where is_valid")
    assert float(mart["net_sales"]) == pytest.approx(float(sales) - float(refunds))
    cost = demo.value("select sum(cost_amount) from fct_order_lines where is_valid")
    taken_back = demo.value("select sum(cost_amount) from fct_returns where is_valid")
    assert float(mart["cost"]) == pytest.approx(float(cost) - float(taken_back))
    months = demo.rows(
        "select month_start, cast(sum(net_sales_amount) as double) as amount from kpi_margin group by 1 order by 1"
    )
    board = demo.rows(
        "select month_start, value as amount from kpi_board where metric = 'revenue' order by month_start"
    )
    assert [row["month_start"] for row in months] == [row["month_start"] for row in board]
    assert [row["amount"] for row in months] == pytest.approx([row["amount"] for row in board])


def test_the_price_cut_that_does_not_work_costs_margin(demo: CommandLine) -> None:
    # key-account, 1 June 2026, 8 per cent: most of what large companies buy
    rate = "sum(margin_amount) / sum(costed_net_sales_amount)"
    before, after = (
        demo.value(
            f"select {rate} from kpi_margin where company_size = 'large' and month_start between '{first}' and '{last}'"
        )
        for first, last in (("2025-06-01", "2025-08-01"), ("2026-06-01", "2026-08-01"))
    )
    assert after < before - 0.03


def test_work_lists_say_why(demo: CommandLine) -> None:
    assert demo.value("select count(*) from kpi_open_invoices where reason = ''") == 0
    overdue = demo.value("select sum(open_amount) from kpi_open_invoices where is_overdue")
    assert overdue == demo.value("select sum(overdue_amount) from kpi_credit")
    assert overdue == demo.value(
        "select sum(overdue_amount) from kpi_receivables where not is_complete_period"
        " and month_start = (select max(month_start) from kpi_receivables)"
    )
    # at least half of all that is open is large
    assert demo.value("select sum(receivables_rate) from kpi_open_invoices where is_large") >= 0.5
    assert demo.value("select count(*) from kpi_credit where overdue_amount > 0 and reason is null") == 0
