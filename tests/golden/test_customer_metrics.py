"""Value, users, churn, bridge and concentration of a company of eight customers, worked out by hand.

The company reports in PLN and cuts days in Warsaw. Data begin on 5 June 2023 and end on 30 June 2025, so that the 12
months to June 2025 are set against the 12 to June 2024. What each customer bought, net, in these two periods:

    A   300, then 360     100 + 50 EUR x 4.00; 400, less 10 EUR returned at the order's own rate
    B   250, then -300    500 less 250 returned; then a credit of 300 without order. Daughter of A
    C     0, then 200     first order ever, two on one day
    D     0, then 120     had ordered 80 in June 2023, before both periods
    E   400, then 100
    G     0, then 70      a guest, on the last day
    R   -50, then 0       a credit, never an order
"""

from datetime import date
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, records

ACCOUNTS = [
    {"account_id": "A", "company_size": "medium", "credit_limit": "1000", "created_at": "2023-06-01"},
    # nobody knows since when: from the beginning; no credit limit
    {"account_id": "B", "company_size": "medium", "parent_account_id": "A"},
    # of no known size; D was listed only after it had ordered
    {"account_id": "C"},
    {"account_id": "D", "created_at": "2024-01-01"},
    {"account_id": "E", "company_size": "large", "credit_limit": "0", "created_at": "2024-01-10"},
    {"account_id": "R", "company_size": "large", "created_at": "2024-02-01"},
    {"account_id": "P", "company_size": "large", "created_at": "2025-06-15"},
    {"account_id": "TEST", "company_size": "large", "is_test": "true"},
]
# A was small until the end of April 2025
ACCOUNT_VERSIONS = [
    {"account_version_id": "1", "account_id": "A", "valid_from": "2020-01-01", "company_size": "small"},
    {"account_version_id": "2", "account_id": "A", "valid_from": "2025-05-01", "company_size": "medium"},
]
EXCHANGE_RATES = [
    {"rate_on": "2024-05-01", "currency_code": "EUR", "rate_to_base": "4.00"},
    {"rate_on": "2024-08-01", "currency_code": "EUR", "rate_to_base": "4.20"},
    {"rate_on": "2025-06-01", "currency_code": "EUR", "rate_to_base": "4.40"},
    {"rate_on": "2025-06-20", "currency_code": "EUR", "rate_to_base": "4.50"},
]
ORDERS = [
    {"order_id": "D1", "account_id": "D", "ordered_at": "2023-06-05"},
    {"order_id": "A1", "account_id": "A", "ordered_at": "2023-07-03"},
    {"order_id": "B1", "account_id": "B", "ordered_at": "2024-01-15"},
    {"order_id": "E1", "account_id": "E", "ordered_at": "2024-02-01"},
    {"order_id": "A2", "account_id": "A", "ordered_at": "2024-05-10", "currency_code": "EUR"},
    {"order_id": "C1", "account_id": "C", "ordered_at": "2024-09-01 09:00:00"},
    {"order_id": "C2", "account_id": "C", "ordered_at": "2024-09-01 15:00:00"},
    {"order_id": "C3", "account_id": "C", "ordered_at": "2024-10-01", "cancelled_at": "2024-10-02"},
    {"order_id": "D2", "account_id": "D", "ordered_at": "2024-11-11", "order_channel": "phone"},
    {"order_id": "A3", "account_id": "A", "ordered_at": "2025-02-10", "order_channel": "web_self_service",
     "contact_id": "U2"},
    {"order_id": "E2", "account_id": "E", "ordered_at": "2025-03-01"},
    {"order_id": "T1", "account_id": "TEST", "ordered_at": "2025-06-10", "order_channel": "web_self_service",
     "contact_id": "T"},
    {"order_id": "G1", "guest_key": "g", "ordered_at": "2025-06-30", "order_channel": "marketplace"},
]  # fmt: skip
ORDER_LINES = [
    {"order_line_id": "1", "order_id": "D1", "quantity": "1", "unit_price": "80"},
    {"order_line_id": "2", "order_id": "A1", "quantity": "1", "unit_price": "100", "unit_cost": "60"},
    {"order_line_id": "3", "order_id": "B1", "quantity": "2", "unit_price": "250", "unit_cost": "150"},
    {"order_line_id": "4", "order_id": "E1", "quantity": "1", "unit_price": "400"},
    {"order_line_id": "5", "order_id": "A2", "quantity": "1", "unit_price": "50", "unit_cost": "30"},
    {"order_line_id": "6", "order_id": "C1", "quantity": "1", "unit_price": "150"},
    {"order_line_id": "7", "order_id": "C2", "quantity": "1", "unit_price": "50"},
    {"order_line_id": "8", "order_id": "C3", "quantity": "1", "unit_price": "999"},
    {"order_line_id": "9", "order_id": "D2", "quantity": "1", "unit_price": "120"},
    {"order_line_id": "10", "order_id": "A3", "quantity": "1", "unit_price": "400"},
    {"order_line_id": "11", "order_id": "E2", "quantity": "1", "unit_price": "100"},
    {"order_line_id": "12", "order_id": "T1", "quantity": "1", "unit_price": "999"},
    {"order_line_id": "13", "order_id": "G1", "quantity": "1", "unit_price": "70"},
]
RETURNS = [
    # 10 EUR x 4.00; of which line nobody says, so that it has no cost
    {"return_id": "1", "order_id": "A2", "returned_at": "2024-08-05", "refund_amount": "10", "currency_code": "EUR"},
    # one of two pieces, back in stock: 150 of cost with it
    {"return_id": "2", "order_id": "B1", "order_line_id": "3", "returned_at": "2024-03-01", "quantity": "1",
     "refund_amount": "250"},
    {"return_id": "3", "account_id": "B", "returned_at": "2024-07-15", "refund_amount": "300"},
    {"return_id": "4", "account_id": "R", "returned_at": "2024-02-15", "refund_amount": "50"},
    {"return_id": "5", "order_id": "T1", "returned_at": "2025-06-11", "refund_amount": "999"},
]  # fmt: skip
CONTACTS = [
    {"contact_id": "U1", "account_id": "A", "has_shop_login": "true", "created_at": "2024-01-01"},
    {"contact_id": "U2", "account_id": "A", "has_shop_login": "true", "created_at": "2024-01-01"},
    # the CRM knows of no login, yet the person logs in
    {"contact_id": "U3", "account_id": "A", "created_at": "2024-01-01"},
    {"contact_id": "U4", "account_id": "A", "has_shop_login": "false", "created_at": "2024-01-01"},
    {"contact_id": "U5", "account_id": "B", "has_shop_login": "true"},
    {"contact_id": "T", "account_id": "TEST", "has_shop_login": "true"},
]
WEB_EVENTS = [
    {"event_id": str(number), "visitor_id": f"V-{contact}", "contact_id": contact, "event_name": "page_view",
     "occurred_at": f"{day}T12:00:00Z", "is_bot": is_bot}
    for number, (contact, day, is_bot) in enumerate([
        # the first of the 28 days that end with February
        ("U1", "2025-02-01", None),
        # the day before the 28 days that end with June
        ("U5", "2025-06-02", None),
        ("U3", "2025-06-03", None),
        ("U1", "2025-06-10", None),
        # the day before the last seven, and their first
        ("U1", "2025-06-23", None),
        ("U3", "2025-06-24", None),
        ("T", "2025-06-25", None),
        ("U2", "2025-06-26", "true"),
    ])
]  # fmt: skip
INVOICES = [
    {"invoice_id": "1", "account_id": "A", "issued_on": "2025-06-01", "amount": "246"},
    {"invoice_id": "2", "account_id": "A", "issued_on": "2025-06-10", "amount": "20", "currency_code": "EUR"},
    {"invoice_id": "3", "account_id": "A", "issued_on": "2025-06-12", "amount": "-36"},
    {"invoice_id": "4", "account_id": "E", "issued_on": "2025-06-12", "amount": "10"},
    {"invoice_id": "5", "account_id": "TEST", "issued_on": "2025-06-12", "amount": "999"},
    # after the last day
    {"invoice_id": "6", "account_id": "A", "issued_on": "2025-07-01", "amount": "999"},
]
PAYMENTS = [{"payment_id": "1", "invoice_id": "1", "paid_on": "2025-06-20", "amount": "100"}]
ACTIVITIES = [
    {"activity_id": "1", "account_id": "P", "activity_type": "call", "occurred_at": "2025-06-20"},
    {"activity_id": "2", "account_id": "P", "activity_type": "call", "occurred_at": "2025-07-05"},
]
SURVEY_RESPONSES = [
    {"response_id": str(number), "account_id": account, "contact_id": contact, "survey_type": survey,
     "score": score, "sent_at": day, "responded_at": day if score else None}
    for number, (account, contact, survey, score, day) in enumerate([
        # promoter once, detractor a year later: the last answer counts
        ("A", "U1", "nps", "9", "2024-01-10"),
        ("A", "U1", "nps", "3", "2025-01-10"),
        ("A", "U2", "nps", "10", "2025-01-10"),
        ("A", "U3", "nps", "7", "2025-01-10"),
        ("A", "U4", "nps", None, "2025-01-10"),
        ("A", None, "nps", "9", "2025-01-10"),
        ("A", "U4", "csat", "1", "2025-01-10"),
        ("TEST", "T", "nps", "0", "2025-01-10"),
    ])
]  # fmt: skip


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return compiled_project.run(
        accounts=ACCOUNTS,
        account_versions=ACCOUNT_VERSIONS,
        exchange_rates=EXCHANGE_RATES,
        orders=ORDERS,
        order_lines=ORDER_LINES,
        returns=RETURNS,
        contacts=CONTACTS,
        web_events=WEB_EVENTS,
        invoices=INVOICES,
        payments=PAYMENTS,
        activities=ACTIVITIES,
        survey_responses=SURVEY_RESPONSES,
    )


def row(company: duckdb.DuckDBPyConnection, mart: str, where: str) -> dict[str, Any]:
    (found,) = records(company, f"select * from {mart} where {where}")
    return found


def assert_row(company: duckdb.DuckDBPyConnection, mart: str, where: str, expected: dict[str, Any]) -> None:
    found = row(company, mart, where)
    for column, value in expected.items():
        wanted = pytest.approx(value, abs=1e-6) if isinstance(value, float) else value
        assert found[column] == wanted, f"{column}: {found[column]}, not {value}"


def by_account(company: duckdb.DuckDBPyConnection, columns: str) -> dict[str, tuple]:
    """Rows of kpi_account_value by the short name of the account; the guest, whose key is a hash, is G."""
    rows = company.execute(f"select account_id, {columns} from kpi_account_value").fetchall()
    return {"G" if ":guest:" in account else account.split(":")[-1].upper(): tuple(values) for account, *values in rows}


def test_profile_of_a(company: duckdb.DuckDBPyConnection) -> None:
    expected = {
        "ultimate_parent_id": "flat_file:A",
        "orders": 3,
        "sales_amount": 700,
        "returns_amount": 40,
        "net_sales_amount": 660,
        "net_sales_12m_amount": 360,
        # 100 - 60 and (50 - 30) EUR x 4.00; 400 and the return of 40 have no cost
        "sales_with_cost_amount": 300,
        "net_sales_with_cost_amount": 300,
        "margin_amount": 120,
        "margin_rate": 0.4,
        "cost_coverage_rate": 300 / 700,
        # 246 - 100, 20 EUR x 4.50 at closing, a credit note of 36
        "open_invoices_amount": 200,
        "credit_limit_amount": 1000,
        "credit_used_rate": 0.2,
        # U1 and U2 by their login, U3 by use
        "users": 3,
        "active_users": 2,
        "ordering_users": 0,
        "research_users": 2,
        # U2 and somebody without a name; U1; U3 is neither
        "nps_respondents": 4,
        "nps_promoters": 2,
        "nps_detractors": 1,
        "nps": 25.0,
        "last_contacted_on": date(2025, 6, 24),
    }
    assert_row(company, "kpi_account_profile", "account_id = 'flat_file:A'", expected)


def test_profiles_without_the_one_or_the_other(company: duckdb.DuckDBPyConnection) -> None:
    # 500 - 250 of goods, 300 - 150 of cost; the credit of 300 has no cost and is out of the margin
    expected = {"net_sales_amount": -50, "net_sales_with_cost_amount": 250, "margin_amount": 100, "margin_rate": 0.4,
                "cost_coverage_rate": 1.0, "credit_used_rate": None, "ultimate_parent_id": "flat_file:A",
                "active_users": 0, "users": 1, "nps": None, "last_contacted_on": date(2025, 6, 2)}  # fmt: skip
    assert_row(company, "kpi_account_profile", "account_id = 'flat_file:B'", expected)
    # a limit of zero: nothing to use
    expected = {"open_invoices_amount": 10, "credit_used_rate": None, "margin_rate": None, "cost_coverage_rate": 0.0}
    assert_row(company, "kpi_account_profile", "account_id = 'flat_file:E'", expected)
    # never sold to; called once before the last day
    expected = {"is_overdue": False, "is_lost": False, "cost_coverage_rate": None, "open_invoices_amount": 0,
                "last_contacted_on": date(2025, 6, 20)}  # fmt: skip
    assert_row(company, "kpi_account_profile", "account_id = 'flat_file:P'", expected)
    assert records(company, "select * from kpi_account_profile where account_id = 'flat_file:TEST'") == []


def test_lifetime_value(company: duckdb.DuckDBPyConnection) -> None:
    assert by_account(company, "clv_revenue_amount, clv_margin_amount, orders") == {
        "A": (660, 120, 3), "B": (-50, 100, 1), "C": (200, 0, 2), "D": (200, 0, 2), "E": (500, 0, 2), "G": (70, 0, 1),
        "R": (-50, 0, 0),
    }  # fmt: skip


def test_abc_and_shares(company: duckdb.DuckDBPyConnection) -> None:
    # of 850 without the negative: running shares 360, 560, 680 (80 % exactly: still A), 780, 850
    rows = by_account(company, "net_sales_rank, abc_class, net_sales_share_rate, cumulative_share_rate")
    assert rows["A"] == (1, "A", pytest.approx(360 / 850), pytest.approx(360 / 850))
    assert rows["C"] == (2, "A", pytest.approx(200 / 850), pytest.approx(560 / 850))
    assert rows["D"] == (3, "A", pytest.approx(120 / 850), pytest.approx(0.8))
    assert rows["E"] == (4, "B", pytest.approx(100 / 850), pytest.approx(780 / 850))
    # the one who crosses 95 % belongs below it
    assert rows["G"] == (5, "C", pytest.approx(70 / 850), pytest.approx(1))
    assert rows["B"] == rows["R"] == (None, "none", None, None)


def test_rfm(company: duckdb.DuckDBPyConnection) -> None:
    # of six customers in the 24 months the 20, 40, 60 and 80 % points are the second to fifth value:
    # days 0 121 140 231 302 532; orders 1 1 1 2 2 3 (D's order of June 2023 is older); net -50 70 120 200 500 660
    rows = by_account(company, "recency_days, rfm_orders, rfm_net_sales_amount, rfm_score, is_net_returner")
    assert rows == {
        "A": (140, 3, 660, 455, False),
        "B": (532, 1, -50, 111, True),
        "C": (302, 2, 200, 233, False),
        "D": (231, 1, 120, 312, False),
        "E": (121, 2, 500, 534, False),
        "G": (0, 1, 70, 511, False),
        "R": (None, 0, -50, None, False),
    }
    scores = by_account(company, "recency_score, frequency_score, monetary_score")
    assert {account: scores[account] for account in ("A", "B", "R")} == {
        "A": (4, 5, 5), "B": (1, 1, 1), "R": (None, None, None)
    }  # fmt: skip


def test_a_net_returner_has_the_lowest_monetary_score(compiled_project: CompiledProject) -> None:
    # net -50, -40 and 10: -40 is above the 40 % point (-42), but worth nothing
    company = compiled_project.upstream_of("marts.kpi_account_value").run(
        orders=[{"order_id": name, "account_id": name, "ordered_at": "2025-01-03"} for name in "ABC"],
        order_lines=[{"order_id": name, "quantity": "1", "unit_price": "10"} for name in "ABC"],
        returns=[
            {"return_id": name, "account_id": name, "returned_at": "2025-01-03", "refund_amount": refund}
            for name, refund in (("A", "60"), ("B", "50"))
        ],
    )
    scores = by_account(company, "monetary_score, recency_score, is_net_returner, abc_class")
    # ties share a score; a customer alone is above every line, and so of the lowest class
    assert scores == {"A": (1, 5, True, "none"), "B": (1, 5, True, "none"), "C": (5, 5, False, "C")}


def test_bridge_of_twelve_months(company: duckdb.DuckDBPyConnection) -> None:
    expected = {
        "previous_amount": 900,
        "current_amount": 550,
        # C 200, G 70
        "new_amount": 270,
        "new_accounts": 2,
        "reactivated_amount": 120,
        "reactivated_accounts": 1,
        # A 60; R's credit is over
        "expansion_amount": 110,
        "expansion_accounts": 2,
        "contraction_amount": 300,
        "contraction_accounts": 1,
        # B had 250 and loses 550
        "lost_amount": 550,
        "lost_accounts": 1,
        # A, B and E; of B's -300 nothing is left
        "base_accounts": 3,
        "base_amount": 950,
        "net_retained_amount": 460,
        "gross_retained_amount": 400,
        "nrr_rate": 460 / 950,
        "grr_rate": 400 / 950,
        "quick_ratio": 500 / 850,
        "growth_rate": -350 / 900,
        "is_lossless": False,
        "is_reportable": False,
        "is_complete_period": True,
    }
    assert_row(company, "kpi_revenue_bridge", "comparison = '12_months' and month_start = '2025-06-01'", expected)
    # 23 months of data before April's end: amounts are shown, rates are not
    expected = {"nrr_rate": None, "grr_rate": None, "quick_ratio": None, "growth_rate": None,
                "is_complete_period": False}  # fmt: skip
    assert_row(company, "kpi_revenue_bridge", "comparison = '12_months' and month_start = '2025-04-01'", expected)


def test_bridge_of_months(company: duckdb.DuckDBPyConnection) -> None:
    # March 2024: E's 400 of February are gone, B only returns 250, R's credit of 50 is over
    expected = {"previous_amount": 350, "current_amount": -250, "expansion_amount": 50, "lost_amount": 650,
                "lost_accounts": 2, "new_amount": 0, "growth_rate": -600 / 350, "quick_ratio": 50 / 650,
                "nrr_rate": None}  # fmt: skip
    assert_row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2024-03-01'", expected)
    # April 2024: from below zero to nothing; no rate on a negative base, no ratio when nothing was lost
    expected = {"previous_amount": -250, "current_amount": 0, "expansion_amount": 250, "growth_rate": None,
                "quick_ratio": None, "is_lossless": True}  # fmt: skip
    assert_row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2024-04-01'", expected)
    # March 2025: E is back, A had 400 in February
    expected = {"reactivated_amount": 100, "lost_amount": 400, "quick_ratio": 0.25, "growth_rate": -0.75}
    assert_row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2025-03-01'", expected)
    expected = {"new_amount": 70, "quick_ratio": None, "is_lossless": True, "growth_rate": None}
    assert_row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2025-06-01'", expected)
    # nothing before, nothing now
    expected = {"current_amount": 0, "is_lossless": False, "quick_ratio": None, "base_accounts": 0}
    assert_row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2023-10-01'", expected)


def test_quick_ratio_of_the_worked_example(compiled_project: CompiledProject) -> None:
    # metrics.md section 4: (20k + 8k) / (5k + 3k) = 3.5
    amounts = {"2025-01-05": {"GROWS": 1000, "SHRINKS": 6000, "LEAVES": 3000},
               "2025-02-28": {"GROWS": 9000, "SHRINKS": 1000, "NEW": 20000}}  # fmt: skip
    orders = [(day, account, amount) for day, sales in amounts.items() for account, amount in sales.items()]
    company = compiled_project.upstream_of("marts.kpi_revenue_bridge").run(
        orders=[{"order_id": account + day, "account_id": account, "ordered_at": day} for day, account, _ in orders],
        order_lines=[
            {"order_id": account + day, "quantity": "1", "unit_price": str(amount)} for day, account, amount in orders
        ],
    )
    assert (
        row(company, "kpi_revenue_bridge", "comparison = 'month' and month_start = '2025-02-01'")["quick_ratio"] == 3.5
    )


def test_flows_and_stock_of_customers(company: duckdb.DuckDBPyConnection) -> None:
    # lost 181 days after the last order: A 31 December 2023 (back on 10 May), D 3 December 2023 (back a year
    # later), B 14 July 2024, E 31 July 2024 (back in March), C 1 March 2025
    rows = company.execute(
        "select strftime(month_start, '%Y-%m'), customers_at_start, new_customers, customers_reactivated,"
        " customers_lost, customers_at_end from kpi_churn"
        " where new_customers + customers_reactivated + customers_lost > 0 order by 1"
    ).fetchall()
    assert rows == [
        ("2023-06", 0, 1, 0, 0, 1),
        ("2023-07", 1, 1, 0, 0, 2),
        ("2023-12", 2, 0, 0, 2, 0),
        ("2024-01", 0, 1, 0, 0, 1),
        ("2024-02", 1, 1, 0, 0, 2),
        ("2024-05", 2, 0, 1, 0, 3),
        ("2024-07", 3, 0, 0, 2, 1),
        ("2024-09", 1, 1, 0, 0, 2),
        ("2024-11", 2, 0, 1, 0, 3),
        ("2025-03", 3, 0, 1, 1, 3),
        ("2025-06", 3, 1, 0, 0, 4),
    ]
    assert company.execute("select count(*) from kpi_churn").fetchone() == (25,)


def test_churn_and_repeat_rates(company: duckdb.DuckDBPyConnection) -> None:
    # Wilson's interval of 2 in 3, by hand: (0.6667 + 0.6402 -+ 1.96 x 0.4252) / 2.2805
    expected = {"churn_rate": 2 / 3, "churn_rate_low": 0.207655, "churn_rate_high": 0.938507, "is_reportable": False}
    found = row(company, "kpi_churn", "month_start = '2024-07-01'")
    assert {column: found[column] for column in expected} == pytest.approx(expected, abs=2e-5)
    assert row(company, "kpi_churn", "month_start = '2024-01-01'")["churn_rate"] is None
    expected = {
        "ordering_customers": 1,
        "repeat_customers": 0,
        "orders": 1,
        # A, D and E came back on another day, C on the same
        "customers_to_date": 6,
        "repeat_customers_to_date": 3,
        "repeat_customers_by_orders_to_date": 4,
        "orders_to_date": 11,
        "repeat_to_date_rate": 0.5,
        # Wilson for 3 of 6: 0.5 -+ 1.959964 sqrt(1.5 + 0.960365) / 9.841459
        "repeat_to_date_rate_low": 0.187616,
        "repeat_to_date_rate_high": 0.812384,
        "is_repeat_to_date_rate_reportable": False,
        "repeat_by_orders_to_date_rate": 4 / 6,
        "orders_per_customer_to_date": 11 / 6,
        # July 2024 to June 2025: A, C (two orders on one day), D, E, G
        "ordering_customers_12m": 5,
        "repeat_customers_12m": 0,
        "repeat_customers_by_orders_12m": 1,
        "orders_12m": 6,
        "order_days_12m": 5,
        "repeat_12m_rate": 0.0,
        "repeat_by_orders_12m_rate": 0.2,
        "orders_per_customer_12m": 1.2,
        "order_days_per_customer_12m": 1.0,
        "churn_rate": 0.0,
    }
    assert_row(company, "kpi_churn", "month_start = '2025-06-01'", expected)
    # 12 months to June 2024: A twice, B, E
    expected = {"ordering_customers_12m": 3, "repeat_customers_12m": 1, "orders_12m": 4, "repeat_12m_rate": 1 / 3,
                "is_complete_12m": True}  # fmt: skip
    assert_row(company, "kpi_churn", "month_start = '2024-06-01'", expected)
    expected = {"repeat_12m_rate": None, "orders_per_customer_12m": None, "is_complete_12m": False}
    assert_row(company, "kpi_churn", "month_start = '2024-04-01'", expected)


def test_repeat_probability(company: duckdb.DuckDBPyConnection) -> None:
    rows = company.execute(
        "select counted_by, purchase_number, customers, customers_continued, repeat_rate from kpi_repeat_probability"
        " order by 1, 2"
    ).fetchall()
    assert rows == [
        ("order_days", 1, 6, 3, 0.5),
        ("order_days", 2, 3, 1, pytest.approx(1 / 3)),
        ("order_days", 3, 1, 0, 0),
        ("orders", 1, 6, 4, pytest.approx(4 / 6)),
        ("orders", 2, 4, 1, 0.25),
        ("orders", 3, 1, 0, 0),
    ]


def test_repeat_probability_of_the_worked_example(compiled_project: CompiledProject) -> None:
    # metrics.md section 4: 90, 30 and 10 customers of one, two and three orders: 40 of 130
    customers = [1] * 90 + [2] * 30 + [3] * 10
    orders = [(number, order) for number, count in enumerate(customers) for order in range(1, count + 1)]
    company = compiled_project.upstream_of("marts.kpi_repeat_probability").run(
        orders=[
            {"order_id": f"{number}-{order}", "account_id": str(number), "ordered_at": f"2025-01-{order:02}"}
            for number, order in orders
        ],
        order_lines=[
            {"order_id": f"{number}-{order}", "quantity": "1", "unit_price": "10"} for number, order in orders
        ],
    )
    found = row(company, "kpi_repeat_probability", "counted_by = 'orders' and purchase_number = 1")
    assert (found["customers_continued"], found["customers"]) == (40, 130)
    assert found["repeat_rate"] == pytest.approx(0.3077, abs=0.00005)
    assert found["is_reportable"]
    assert found["repeat_rate_low"] < found["repeat_rate"] < found["repeat_rate_high"]


def test_users_at_the_end_of_june(company: duckdb.DuckDBPyConnection) -> None:
    where = "month_start = '2025-06-01' and company_size = "
    expected = {
        # A, medium by now, and B
        "accounts": 2,
        "customers": 2,
        "accounts_with_users": 2,
        "users": 4,
        # U1 and U3 within the 28 days, U3 within the 7; B's U5 was there a day too early, U2 was a robot
        "active_accounts": 1,
        "active_customers": 1,
        "shop_customers": 1,
        "active_users": 2,
        "ordering_users": 0,
        "research_users": 2,
        "active_users_7d": 1,
        "active_users_1d": 0,
        "users_per_active_account": 2.0,
        "active_user_rate": 0.5,
        "shop_use_rate": 1.0,
        "stickiness_rate": 0.5,
        "is_reportable": False,
        "measured_on": date(2025, 6, 30),
    }
    assert_row(company, "kpi_account_users", f"{where}'medium'", expected)
    # E, R and P; testers are out
    expected = {"accounts": 3, "customers": 1, "users": 0, "active_accounts": 0, "active_user_rate": None,
                "shop_use_rate": None, "shop_use_rate_low": None, "stickiness_rate": None}  # fmt: skip
    assert_row(company, "kpi_account_users", f"{where}'large'", expected)
    # C and D; guests are out
    assert_row(company, "kpi_account_users", f"{where}'unknown'", {"accounts": 2, "customers": 2})
    # small has nobody left, and keeps its row
    assert_row(company, "kpi_account_users", f"{where}'small'", {"accounts": 0, "users_per_active_account": None})


def test_users_of_a_day_a_week_and_four_weeks(compiled_project: CompiledProject) -> None:
    # as of 30 June: on the day, six and 27 days before it, and a day too early
    days = {"U1": "2025-06-30", "U2": "2025-06-24", "U3": "2025-06-03", "U4": "2025-06-02"}
    company = compiled_project.upstream_of("marts.kpi_account_users").run(
        accounts=[{"account_id": "A"}],
        contacts=[{"contact_id": contact, "account_id": "A"} for contact in days],
        web_events=[
            {"event_id": contact, "visitor_id": contact, "contact_id": contact, "event_name": "page_view",
             "occurred_at": f"{day}T10:00:00Z"}
            for contact, day in days.items()
        ],
    )  # fmt: skip
    found = company.execute(
        "select active_users_1d, active_users_7d, active_users, stickiness_rate from kpi_account_users"
    ).fetchall()
    assert found == [(1, 2, 3, pytest.approx(2 / 3))]


def test_users_of_earlier_months(company: duckdb.DuckDBPyConnection) -> None:
    # February: A was small; U3 was not known yet. U2 ordered, U1 looked, both before the last week
    expected = {"accounts": 1, "users": 2, "active_users": 2, "ordering_users": 1, "research_users": 1,
                "active_users_7d": 0, "stickiness_rate": 0.0, "shop_use_rate": 1.0}  # fmt: skip
    assert_row(company, "kpi_account_users", "month_start = '2025-02-01' and company_size = 'small'", expected)
    # November: D ordered by phone
    expected = {"active_accounts": 1, "active_customers": 1, "shop_customers": 0, "shop_use_rate": 0.0,
                "users_per_active_account": 0.0}  # fmt: skip
    assert_row(company, "kpi_account_users", "month_start = '2024-11-01' and company_size = 'unknown'", expected)
    # before E, R and P were known; B and C always were, D by its order
    assert_row(company, "kpi_account_users", "month_start = '2023-06-01' and company_size = 'unknown'",
               {"accounts": 2, "customers": 1})  # fmt: skip
    assert_row(company, "kpi_account_users", "month_start = '2023-12-01' and company_size = 'large'", {"accounts": 0})
    assert_row(company, "kpi_account_users", "month_start = '2023-12-01' and company_size = 'medium'",
               {"accounts": 1, "customers": 0})  # fmt: skip


def test_concentration(company: duckdb.DuckDBPyConnection) -> None:
    where = "month_start = '2025-06-01' and level = "
    # 360, 200, 120, 100, 70: (129600 + 40000 + 14400 + 10000 + 4900) / 850^2; a fifth of five is one
    expected = {"buyers": 5, "net_sales_amount": 850, "hhi": 10000 * 198900 / 722500, "top_20_percent_buyers": 1,
                "top_20_percent_amount": 360, "top_20_percent_rate": 360 / 850, "largest_rate": 360 / 850,
                "is_complete_period": True}  # fmt: skip
    assert_row(company, "kpi_concentration", f"{where}'account'", expected)
    # A and its daughter B: 360 - 300 = 60
    expected = {"buyers": 5, "net_sales_amount": 550, "hhi": 10000 * 72900 / 302500, "top_20_percent_amount": 200,
                "largest_amount": 200}  # fmt: skip
    assert_row(company, "kpi_concentration", f"{where}'ultimate_parent'", expected)


def test_concentration_of_the_worked_example(compiled_project: CompiledProject) -> None:
    # metrics.md section 4: shares 30/30/20/20 = 2,600; a fifth of four is one; of a month without sales nothing
    sales = {"A": "30", "B": "30", "C": "20", "D": "20"}
    company = compiled_project.upstream_of("marts.kpi_concentration").run(
        orders=[{"order_id": name, "account_id": name, "ordered_at": "2025-01-05"} for name in sales],
        order_lines=[{"order_id": name, "quantity": "1", "unit_price": price} for name, price in sales.items()],
        web_events=[{"event_id": "1", "visitor_id": "V", "event_name": "page_view", "occurred_at": "2026-01-31"}],
    )
    expected = {"hhi": 2600.0, "top_20_percent_rate": 0.3, "buyers": 4, "is_complete_period": False}
    assert_row(company, "kpi_concentration", "month_start = '2025-01-01' and level = 'account'", expected)
    assert_row(company, "kpi_concentration", "month_start = '2025-12-01' and level = 'account'",
               {"hhi": 2600.0, "is_complete_period": True})  # fmt: skip
    assert_row(company, "kpi_concentration", "month_start = '2026-01-01' and level = 'account'",
               {"hhi": None, "buyers": 0, "net_sales_amount": 0, "top_20_percent_rate": None})  # fmt: skip


def test_revenue_of_cohorts(company: duckdb.DuckDBPyConnection) -> None:
    # D: 80 in June 2023, 120 seventeen months later
    expected = {"net_sales_amount": 120, "first_month_net_sales_amount": 80, "revenue_retention_ratio": 1.5}
    assert_row(company, "kpi_cohort_retention", "cohort_month = '2023-06-01' and months_since = 17", expected)
    # B: sold for 500 and took back 250 in March, without an order
    expected = {"net_sales_amount": -250, "retained_customers": 0, "revenue_retention_ratio": -0.5}
    assert_row(company, "kpi_cohort_retention", "cohort_month = '2024-01-01' and months_since = 2", expected)
