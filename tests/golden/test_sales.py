"""The sales team on a company small enough to be worked out by hand.

Warsaw time; as_of is Monday, 31 March 2025, the day of the last order and the end of a month and of a quarter. Two
cases are enough for a rate here (min_reportable_n = 2).
"""

from datetime import date
from typing import Any

import duckdb
import pytest
from compiled import CompiledProject

MARTS = (
    "kpi_rep_performance", "kpi_pipeline", "kpi_pipeline_health", "kpi_deals_closing_soon", "kpi_agreements_due",
    "kpi_lead_conversion", "kpi_win_rate", "kpi_buying_group", "kpi_buying_group_summary", "kpi_first_order_delay",
    "kpi_board",
)  # fmt: skip
ACCOUNTS = [
    {"account_id": "A1", "company_size": "small", "owner_rep_id": "R2"},
    {"account_id": "A2", "company_size": "large", "owner_rep_id": "R2"},
    *({"account_id": f"A{number}"} for number in (3, 4, 5, 6)),
    {"account_id": "TEST", "is_test": "true"},
]
# A1 went from R1 to R2
ACCOUNT_VERSIONS = [
    {"account_version_id": "1", "account_id": "A1", "valid_from": "2025-01-01", "owner_rep_id": "R1"},
    {"account_version_id": "2", "account_id": "A1", "valid_from": "2025-03-01", "owner_rep_id": "R2"},
]
REPS = [{"rep_id": rep_id, "rep_name": f"Rep {rep_id}"} for rep_id in ("R1", "R2", "R3")]
CONTACTS = [
    {"contact_id": "C1", "account_id": "A1", "buying_role": "buyer"},
    {"contact_id": "C2", "account_id": "A1", "buying_role": "decision maker"},
    {"contact_id": "C3", "account_id": "A2", "buying_role": "user"},
    {"contact_id": "STAFF", "account_id": "TEST", "buying_role": "user"},
]
EXCHANGE_RATES = [
    {"rate_on": "2025-01-01", "currency_code": "EUR", "rate_to_base": "4"},
    {"rate_on": "2025-02-01", "currency_code": "EUR", "rate_to_base": "4"},
    {"rate_on": "2025-03-01", "currency_code": "EUR", "rate_to_base": "5"},
]
ORDERS = [
    {"order_id": "O1", "account_id": "A1", "rep_id": "R1", "ordered_at": "2025-01-03", "order_discount_amount": "40"},
    {"order_id": "O2", "account_id": "A2", "rep_id": "R2", "ordered_at": "2025-01-10", "currency_code": "EUR"},
    # by the shop: booked by nobody, of R1's account
    {"order_id": "O3", "account_id": "A1", "ordered_at": "2025-02-05"},
    # R1 sold to what was R2's account by then
    {"order_id": "O4", "account_id": "A1", "rep_id": "R1", "ordered_at": "2025-03-10"},
    {"order_id": "O5-test", "account_id": "TEST", "rep_id": "R1", "ordered_at": "2025-03-11"},
    {"order_id": "O6-cancelled", "account_id": "A1", "rep_id": "R1", "ordered_at": "2025-03-11",
     "cancelled_at": "2025-03-12"},
    {"order_id": "O7-guest", "guest_key": "g", "rep_id": "R2", "ordered_at": "2025-03-31"},
]  # fmt: skip
ORDER_LINES = [
    # gross 1000, agreed 900, less 40 of the order: 860; cost 500
    {"order_line_id": "L1", "order_id": "O1", "quantity": "10", "list_unit_price": "100", "unit_price": "90",
     "unit_cost": "50"},
    # EUR: gross 2000, agreed 1960; no cost known
    {"order_line_id": "L2", "order_id": "O2", "quantity": "10", "list_unit_price": "50", "unit_price": "49"},
    {"order_line_id": "L3", "order_id": "O3", "quantity": "1", "unit_price": "100", "unit_cost": "60"},
    {"order_line_id": "L4", "order_id": "O4", "quantity": "1", "list_unit_price": "200", "unit_price": "200",
     "unit_cost": "100"},
    {"order_line_id": "L5", "order_id": "O5-test", "quantity": "1", "unit_price": "1000"},
    {"order_line_id": "L6", "order_id": "O6-cancelled", "quantity": "1", "unit_price": "1000"},
    {"order_line_id": "L7", "order_id": "O7-guest", "quantity": "1", "unit_price": "30", "unit_cost": "10"},
]  # fmt: skip
RETURNS = [
    # one of ten, in a later month: 86 back, and its cost of 50
    {"return_id": "1", "order_id": "O1", "order_line_id": "L1", "returned_at": "2025-02-20", "quantity": "1",
     "refund_amount": "86"},
    # names no order: booked by nobody, of the owner
    {"return_id": "2", "account_id": "A2", "returned_at": "2025-03-05", "refund_amount": "20"},
]  # fmt: skip
REP_QUOTAS = [
    {"rep_id": "R1", "quota_month": "2025-01-01", "quota_amount": "1000"},
    {"rep_id": "R1", "quota_month": "2025-02-01", "quota_amount": "100", "currency_code": "EUR"},
    {"rep_id": "R2", "quota_month": "2025-03-01", "quota_amount": "0"},
    {"rep_id": "R1", "quota_month": "2025-04-01", "quota_amount": "500"},
]
QUOTES = [
    {"quote_id": "Q1", "account_id": "A1", "contact_id": "C2", "rep_id": "R1", "status": "declined",
     "requested_at": "2025-01-05", "closed_at": "2025-01-07", "base_amount": "1000", "negotiated_amount": "800"},
    # never offered a price: it has no depth
    {"quote_id": "Q2", "account_id": "A1", "contact_id": "C2", "rep_id": "R1", "status": "expired",
     "requested_at": "2025-01-06", "closed_at": "2025-01-09", "base_amount": "1000"},
]  # fmt: skip
OPPORTUNITIES = [
    {"opportunity_id": "D1", "account_id": "A1", "rep_id": "R1", "amount": "1000", "created_at": "2025-01-10",
     "closed_at": "2025-02-01", "outcome": "won", "expected_close_on": "2025-01-30"},
    # lost deals often keep no amount
    {"opportunity_id": "D2", "account_id": "A2", "rep_id": "R2", "amount": "0", "created_at": "2025-01-10",
     "closed_at": "2025-02-28", "outcome": "lost"},
    # closed without a decision: lost
    {"opportunity_id": "D3", "account_id": "A1", "rep_id": "R1", "amount": "500", "created_at": "2025-01-15",
     "closed_at": "2025-02-14"},
    {"opportunity_id": "D4", "account_id": "A2", "rep_id": "R2", "amount": "100", "currency_code": "EUR",
     "created_at": "2025-02-10", "closed_at": "2025-03-10", "outcome": "won", "expected_close_on": "2025-03-15"},
    {"opportunity_id": "D5", "account_id": "A1", "rep_id": "R1", "amount": "2000", "created_at": "2025-02-20",
     "expected_close_on": "2025-04-10", "stage": "proposal"},
    # no amount, no history, and its day has passed
    {"opportunity_id": "D6", "account_id": "A2", "rep_id": "R2", "created_at": "2025-03-01",
     "expected_close_on": "2025-03-20", "stage": "proposal"},
    # names no rep: the owner's
    {"opportunity_id": "D7", "account_id": "A2", "amount": "300", "created_at": "2025-03-15",
     "expected_close_on": "2025-09-01"},
    {"opportunity_id": "D8-test", "account_id": "TEST", "rep_id": "R1", "amount": "9999", "created_at": "2025-03-01",
     "expected_close_on": "2025-04-01"},
    {"opportunity_id": "D9-impossible", "account_id": "A1", "rep_id": "R1", "amount": "9999",
     "created_at": "2025-03-02", "closed_at": "2025-03-01", "outcome": "won"},
    # won after as_of: open then, and due in 30 days
    {"opportunity_id": "D10", "account_id": "A1", "rep_id": "R1", "amount": "700", "created_at": "2025-03-20",
     "closed_at": "2025-04-05", "outcome": "won", "expected_close_on": "2025-04-30", "stage": "won"},
]  # fmt: skip
STAGES = [
    {"opportunity_stage_id": f"S{number}", "opportunity_id": deal, "stage": stage, "entered_at": f"2025-{day}"}
    for number, (deal, stage, day) in enumerate([
        ("D1", "qualified", "01-10"), ("D1", "proposal", "01-20"), ("D1", "won", "02-01"),
        ("D2", "qualified", "01-10"), ("D2", "lost", "02-28"),
        ("D3", "qualified", "01-15"), ("D3", "lost", "02-14"),
        ("D4", "qualified", "02-10"), ("D4", "proposal", "02-20"), ("D4", "won", "03-10"),
        ("D5", "qualified", "02-20"), ("D5", "proposal", "03-05"),
        ("D10", "negotiation", "03-20"), ("D10", "won", "04-05"),
    ])
]  # fmt: skip
ACTIVITIES = [
    {"activity_id": "1", "account_id": "A1", "contact_id": "C1", "rep_id": "R1", "opportunity_id": "D5",
     "occurred_at": "2025-03-25 10:00"},
    {"activity_id": "2", "account_id": "A1", "contact_id": "C1", "rep_id": "R1", "occurred_at": "2025-02-02 10:00"},
    {"activity_id": "3-test", "account_id": "TEST", "contact_id": "STAFF", "rep_id": "R1",
     "occurred_at": "2025-03-25 10:00"},
]  # fmt: skip
WEB_EVENTS = [
    {"event_id": "1", "visitor_id": "V", "occurred_at": "2025-01-12 10:00", "event_name": "page_view",
     "contact_id": "C2"},
]  # fmt: skip
EMAIL_EVENTS = [
    # 91 and 90 days before D1 was opened
    {"email_event_id": "1", "contact_id": "C1", "event_name": "click", "occurred_at": "2024-10-11 12:00"},
    {"email_event_id": "2", "contact_id": "C1", "event_name": "click", "occurred_at": "2024-10-12 12:00"},
]
INQUIRIES = [{"inquiry_id": "1", "account_id": "A2", "contact_id": "C3", "created_at": "2025-02-15 10:00"}]
LEADS = [
    # from Sunday 09:00 to Monday 10:00: 25 hours, one of office; A2 first ordered on 10 January
    {"lead_id": "1", "account_id": "A2", "source": "web", "created_at": "2025-01-05 09:00",
     "first_responded_at": "2025-01-06 10:00"},
    {"lead_id": "2", "created_at": "2025-01-08 09:00"},
    # A1 had bought before
    {"lead_id": "3", "account_id": "A1", "source": "web", "created_at": "2025-01-20 10:00",
     "first_responded_at": "2025-01-20 12:00"},
    # answered after as_of: not yet
    {"lead_id": "4", "account_id": "A3", "source": "web", "created_at": "2025-02-01 10:00",
     "first_responded_at": "2025-04-01 10:00"},
]  # fmt: skip
AGREEMENTS = [
    # AG1 has taken its place, though of another type
    {"agreement_id": "AG0", "account_id": "A1", "starts_on": "2024-01-01", "ends_on": "2024-12-31",
     "agreement_type": "price"},
    {"agreement_id": "AG1", "account_id": "A1", "rep_id": "R1", "starts_on": "2024-05-01", "ends_on": "2025-04-30",
     "renewal_notice_days": "45", "committed_amount": "100", "currency_code": "EUR", "agreement_type": "frame"},
    # ended five days before O2
    {"agreement_id": "AG2", "account_id": "A2", "starts_on": "2024-01-06", "ends_on": "2025-01-05"},
    # ended, and nobody orders
    {"agreement_id": "AG2b", "account_id": "A6", "starts_on": "2024-01-06", "ends_on": "2025-01-05"},
    # ends in 122 days, notice in 62
    {"agreement_id": "AG3", "account_id": "A3", "starts_on": "2024-08-01", "ends_on": "2025-07-31",
     "renewal_notice_days": "60"},
    # 90 days from as_of, and 91
    {"agreement_id": "AG4", "account_id": "A4", "starts_on": "2024-07-01", "ends_on": "2025-06-29"},
    {"agreement_id": "AG5", "account_id": "A5", "starts_on": "2024-07-01", "ends_on": "2025-06-30"},
    {"agreement_id": "AG6-no-end", "account_id": "A3", "starts_on": "2024-01-01"},
    {"agreement_id": "AG7-test", "account_id": "TEST", "starts_on": "2024-05-01", "ends_on": "2025-04-30"},
    # not signed yet
    {"agreement_id": "AG8-later", "account_id": "A4", "starts_on": "2025-06-30", "ends_on": "2026-06-29",
     "signed_on": "2025-05-01"},
]  # fmt: skip


@pytest.fixture(scope="module")
def company(small_numbers_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    return small_numbers_project.upstream_of(*(f"marts.{mart}" for mart in MARTS)).run(
        accounts=ACCOUNTS,
        account_versions=ACCOUNT_VERSIONS,
        sales_reps=REPS,
        contacts=CONTACTS,
        exchange_rates=EXCHANGE_RATES,
        orders=ORDERS,
        order_lines=ORDER_LINES,
        returns=RETURNS,
        rep_quotas=REP_QUOTAS,
        quotes=QUOTES,
        opportunities=OPPORTUNITIES,
        opportunity_stages=STAGES,
        activities=ACTIVITIES,
        web_events=WEB_EVENTS,
        email_events=EMAIL_EVENTS,
        inquiries=INQUIRIES,
        leads=LEADS,
        agreements=AGREEMENTS,
    )


def rows(company: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return [
        tuple(pytest.approx(float(value)) if type(value).__name__ in ("Decimal", "float") else value for value in row)
        for row in company.execute(query).fetchall()
    ]


def rep_months(company: duckdb.DuckDBPyConnection, columns: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The months of reps in which they sold, quoted or dealt, as {('R1', '01'): values}."""
    found = rows(
        company,
        f"select split_part(rep_id, ':', -1), strftime(month_start, '%m'), {columns} from kpi_rep_performance"
        " where rep_id not like '%:R3' and (orders > 0 or returns_amount <> 0 or owned_net_sales_amount <> 0)",
    )
    return {row[:2]: row[2:] for row in found}


def test_sales_of_the_rep_named_and_of_the_owner(company: duckdb.DuckDBPyConnection) -> None:
    assert rep_months(
        company, "orders, gross_sales_amount, sales_amount, returns_amount, net_sales_amount, owned_orders,"
        " owned_net_sales_amount"
    ) == {
        ("R1", "01"): (1, 1000, 860, 0, 860, 1, 860),
        # a return of January's order; O3 of 100 by the shop
        ("R1", "02"): (0, 0, 0, 86, -86, 1, 14),
        ("R1", "03"): (1, 200, 200, 0, 200, 0, 0),
        ("R2", "01"): (1, 2000, 1960, 0, 1960, 1, 1960),
        # O7 of the guest; owned: O4 of 200, less the credit of 20 without order
        ("R2", "03"): (1, 30, 30, 0, 30, 1, 180),
        ("unknown", "02"): (1, 100, 100, 0, 100, 0, 0),
        ("unknown", "03"): (0, 0, 0, 20, -20, 1, 30),
    }  # fmt: skip


def test_margin_and_discounts_of_reps(company: duckdb.DuckDBPyConnection) -> None:
    assert rep_months(
        company, "costed_net_sales_amount, margin_amount, margin_rate, cost_covered_ratio, discount_amount,"
        " discount_rate, agreed_amount, price_depth_rate"
    ) == {
        ("R1", "01"): (860, 360, 360 / 860, 1, 140, 0.14, 900, 0.1),
        # 86 back and 50 of cost: both sides negative, and their ratio no margin
        ("R1", "02"): (-86, -36, None, None, 0, None, 0, None),
        ("R1", "03"): (200, 100, 0.5, 1, 0, 0, 200, 0),
        # no cost known: out of numerator and denominator
        ("R2", "01"): (0, 0, None, 0, 40, 0.02, 1960, 0.02),
        ("R2", "03"): (30, 20, 2 / 3, 1, 0, 0, 30, 0),
        ("unknown", "02"): (100, 40, 0.4, 1, 0, 0, 100, 0),
        # a return without cost, of no order: net sales below zero have no share that is covered
        ("unknown", "03"): (0, 0, None, None, 0, None, 0, None),
    }  # fmt: skip


def test_quota_attainment(company: duckdb.DuckDBPyConnection) -> None:
    found = rep_months(company, "quota_amount, quota_attainment_ratio, booked_quota_attainment_ratio")
    assert found["R1", "01"] == (1000, 0.86, 0.86)
    # 100 EUR at 4
    assert found["R1", "02"] == (400, 14 / 400, -86 / 400)
    assert found["R1", "03"] == (None, None, None)
    # a quota of nothing cannot be attained
    assert found["R2", "03"] == (0, None, None)


def test_a_quota_is_not_compared_with_half_a_month(small_numbers_project: CompiledProject) -> None:
    company = small_numbers_project.upstream_of("marts.kpi_rep_performance").run(
        orders=[
            {"order_id": day, "account_id": "A", "rep_id": "R", "ordered_at": day}
            for day in ("2025-01-02", "2025-02-15")
        ],
        order_lines=[{"order_id": day, "quantity": "1", "unit_price": "50"} for day in ("2025-01-02", "2025-02-15")],
        accounts=[{"account_id": "A", "owner_rep_id": "R"}],
        rep_quotas=[
            {"rep_id": "R", "quota_month": month, "quota_amount": "100"} for month in ("2025-01-01", "2025-02-01")
        ],
    )
    assert rows(
        company,
        "select net_sales_amount, owned_net_sales_amount, quota_amount, quota_attainment_ratio,"
        " booked_quota_attainment_ratio, is_complete_period from kpi_rep_performance where rep_id like '%:R'"
        " order by month_start",
    ) == [(50, 50, 100, 0.5, 0.5, True), (50, 50, 100, None, None, False)]


def test_a_deep_discounter_is_seen_against_the_others(company: duckdb.DuckDBPyConnection) -> None:
    # March, twelve months: R1 1 - 1100 / 1200, R2 1 - 1990 / 2030; R3 sold nothing and unknown is no rep
    r1, r2 = 1 - 1100 / 1200, 1 - 1990 / 2030
    found = rep_months(company, "orders_12m, price_depth_12m_rate, others_price_depth_12m_rate, is_deep_discounter")
    assert found["R1", "03"] == (2, r1, r2, True)
    assert found["R2", "03"] == (2, r2, r1, False)
    # as deep in January, on one order: too few to say so
    assert found["R1", "01"] == (1, 0.1, 0.02, False)


def test_quotes_deals_and_activities_of_reps(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select strftime(month_start, '%m'), rep_name, requested_quotes, converted_quotes, quote_to_order_rate,"
        " quote_discount_depth_rate, won_deals, lost_deals, won_amount, win_rate, average_won_amount, activities,"
        " is_complete_period from kpi_rep_performance where rep_id like '%:R_' order by 1, 2",
    ) == [
        ("01", "Rep R1", 2, 0, 0, 0.2, 0, 0, 0, None, None, 0, True),
        ("01", "Rep R2", 0, 0, None, None, 0, 0, 0, None, None, 0, True),
        ("02", "Rep R1", 0, 0, None, None, 1, 1, 1000, 0.5, 1000, 1, True),
        ("02", "Rep R2", 0, 0, None, None, 0, 1, 0, 0, None, 0, True),
        ("03", "Rep R1", 0, 0, None, None, 0, 0, 0, None, None, 1, True),
        ("03", "Rep R2", 0, 0, None, None, 1, 0, 400, 1, 400, 0, True),
    ]
    # each rate has its own flag, from two cases on here. Wilson: 0 of 2 quotes, 0 to z^2 / (2 + z^2); 1 of 2 deals, 0.5
    # -+ 1.959964 sqrt(0.5 + 0.960365) / 5.841459
    assert rows(
        company,
        "select strftime(month_start, '%m'), quote_to_order_rate_low, quote_to_order_rate_high,"
        " is_quote_to_order_rate_reportable, round(win_rate_low, 6), round(win_rate_high, 6), is_win_rate_reportable"
        " from kpi_rep_performance where rep_name = 'Rep R1' order by 1",
    ) == [
        ("01", 0, 3.841459 / 5.841459, True, None, None, False),
        ("02", None, None, False, 0.094531, 0.905469, True),
        ("03", None, None, False, None, None, False),
    ]


def test_the_pipeline_as_it_was(company: duckdb.DuckDBPyConnection) -> None:
    # January: nothing decided yet, nothing to weight with. February: D1 won, D2 and D3 lost: qualified 1 of 3; proposal
    # was passed by D1 alone, so all: 1 of 3. March, with D4: qualified 2 of 4, proposal 2 of 2, all 2 of 4
    assert rows(
        company,
        "select snapshot_on::varchar, stage, split_part(rep_id, ':', 2), open_deals, deals_with_amount, open_amount,"
        " weighted_amount, stage_win_rate, win_rate_basis, stale_deals, overdue_deals, median_days_in_stage, is_as_of"
        " from kpi_pipeline order by 1, 2, 3",
    ) == [
        # its day, 30 January, has passed
        ("2025-01-31", "proposal", "R1", 1, 1, 1000, None, None, "none", 0, 1, 11, False),
        ("2025-01-31", "qualified", "R1", 1, 1, 500, None, None, "none", 0, 0, 16, False),
        ("2025-01-31", "qualified", "R2", 1, 1, 0, None, None, "none", 0, 0, 21, False),
        ("2025-02-28", "proposal", "R2", 1, 1, 400, 133.3333, 1 / 3, "all", 0, 0, 8, False),
        ("2025-02-28", "qualified", "R1", 1, 1, 2000, 666.6667, 1 / 3, "stage", 0, 0, 8, False),
        ("2025-03-31", "negotiation", "R1", 1, 1, 700, 350, 0.5, "all", 0, 0, 11, True),
        # 26 days; the stays of 12 and 18 days have their p90 at 17.4
        ("2025-03-31", "proposal", "R1", 1, 1, 2000, 2000, 1, "stage", 1, 0, 26, True),
        # no amount; in the stage the CRM knows today, since it was opened
        ("2025-03-31", "proposal", "R2", 1, 0, 0, 0, 1, "stage", 1, 1, 30, True),
        ("2025-03-31", "unknown", "R2", 1, 1, 300, 150, 0.5, "all", 0, 0, 16, True),
    ]


def test_coverage_of_the_quarter_ahead(company: duckdb.DuckDBPyConnection) -> None:
    # 31 January and 28 February look at the first quarter: R1 has a quota of 1400 and 860, then 874 of sales;
    # 31 March looks at the second: 500, and nothing sold. Due are D4, and D5 and D10; D1's day had passed
    assert rows(
        company,
        "select snapshot_on::varchar, split_part(member, ':', -1), quarter_start::varchar, due_deals, due_amount,"
        " quota_amount, closed_amount, missing_amount, coverage_ratio, is_quota_met"
        " from kpi_pipeline_health where member in ('all', 'flat_file:R1', 'flat_file:R2') order by 1, 2",
    ) == [
        ("2025-01-31", "R1", "2025-01-01", 0, 0, 1400, 860, 540, 0, False),
        ("2025-01-31", "R2", "2025-01-01", 0, 0, 0, 1960, -1960, None, True),
        ("2025-01-31", "all", "2025-01-01", 0, 0, 1400, 2820, -1420, None, True),
        ("2025-02-28", "R1", "2025-01-01", 0, 0, 1400, 874, 526, 0, False),
        ("2025-02-28", "R2", "2025-01-01", 1, 400, 0, 1960, -1960, None, True),
        ("2025-02-28", "all", "2025-01-01", 1, 400, 1400, 2834, -1434, None, True),
        ("2025-03-31", "R1", "2025-04-01", 2, 2700, 500, 0, 500, 5.4, False),
        ("2025-03-31", "R2", "2025-04-01", 0, 0, None, 0, None, None, False),
        ("2025-03-31", "all", "2025-04-01", 2, 2700, 500, 0, 500, 5.4, False),
    ]


def test_velocity(company: duckdb.DuckDBPyConnection) -> None:
    # R1: 2 x 1000 x 1/2 / 22; R2: 2 x 400 x 1/2 / 28; all: 4 x 700 x 1/2 / 25
    assert rows(
        company,
        "select split_part(member, ':', -1), open_deals, stale_deals, overdue_deals, open_amount, weighted_amount,"
        " decided_deals_12m, won_deals_12m, won_12m_amount, average_won_amount, win_rate, won_cycle_12m_days,"
        " average_cycle_days, velocity_per_day, is_reportable"
        " from kpi_pipeline_health where is_as_of order by 1",
    ) == [
        ("R1", 2, 1, 0, 2700, 2350, 2, 1, 1000, 1000, 0.5, 22, 22, 1000 / 22, True),
        ("R2", 2, 1, 1, 300, 150, 2, 1, 400, 400, 0.5, 28, 28, 400 / 28, True),
        ("all", 4, 2, 1, 3000, 2500, 4, 2, 1400, 700, 0.5, 50, 25, 56, True),
        ("unknown", 0, 0, 0, 0, 0, 0, 0, 0, None, None, 0, None, None, False),
    ]
    # before anything was decided nothing is weighted, which is not zero
    assert rows(
        company, "select weighted_amount from kpi_pipeline_health where snapshot_on = '2025-01-31' and member = 'all'"
    ) == [(None,)]


def test_deals_closing_soon(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select split_part(opportunity_id, ':', 2), stage, amount, days_to_close, days_in_stage, usual_limit_days,"
        " days_since_contact, is_overdue, is_stale, reason from kpi_deals_closing_soon order by days_to_close",
    ) == [
        ("D6", "proposal", None, -11, 30, 17.4, None, True, True,
         "expected day has passed, longer in its stage than usual"),
        ("D5", "proposal", 2000, 10, 26, 17.4, 6, False, True,
         "expected within 30 days, longer in its stage than usual"),
        ("D10", "negotiation", 700, 30, 11, 60, None, False, False, "expected within 30 days"),
    ]  # fmt: skip


def test_stale_deals_are_listed_whatever_day_they_are_expected_on(compiled_project: CompiledProject) -> None:
    # as of 31 March; without history a stage is left within 60 days
    company = compiled_project.upstream_of("marts.kpi_deals_closing_soon").run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-03-31"}],
        order_lines=[{"order_id": "1", "quantity": "1", "unit_price": "5"}],
        opportunities=[
            {"opportunity_id": deal, "account_id": "A", "amount": "5", "created_at": created, "stage": "proposal",
             "expected_close_on": expected}
            for deal, created, expected in (
                # 61 days
                ("stale-far", "2025-01-29", "2025-12-01"), ("stale-no-day", "2025-01-29", None),
                # 60 days
                ("far", "2025-01-30", "2025-12-01"), ("no-day", "2025-01-30", None),
                ("due", "2025-01-30", "2025-04-30"),
            )
        ],
    )  # fmt: skip
    assert rows(
        company,
        "select split_part(opportunity_id, ':', 2), days_in_stage, days_to_close, is_overdue, is_stale, reason"
        " from kpi_deals_closing_soon order by 1",
    ) == [
        ("due", 60, 30, False, False, "expected within 30 days"),
        ("stale-far", 61, 245, False, True, "longer in its stage than usual"),
        ("stale-no-day", 61, None, False, True, "longer in its stage than usual"),
    ]


def test_agreements_due(company: duckdb.DuckDBPyConnection) -> None:
    # A1 bought for 860 + 100 + 200 - 86; 100 EUR at 5
    assert rows(
        company,
        "select split_part(agreement_id, ':', 2), split_part(rep_id, ':', -1), committed_amount, net_sales_12m_amount,"
        " commitment_rate, orders_since_end, sales_since_end_amount, days_to_end, days_to_notice, is_lapsed, reason"
        " from kpi_agreements_due order by 1",
    ) == [
        ("AG1", "R1", 500, 1074, 2.148, 0, 0, 30, -15, False, "notice date has passed, ends within 90 days"),
        ("AG2", "R2", None, 1940, None, 1, 1960, -85, -85, True, "ended, and the account still orders"),
        ("AG3", "unknown", None, 0, None, 0, 0, 122, 62, False, "notice date within 90 days"),
        ("AG4", "unknown", None, 0, None, 0, 0, 90, 90, False, "ends within 90 days"),
    ]


def test_leads(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select strftime(month_start, '%m'), source, leads, converted_leads, existing_customer_leads, responded_leads,"
        " unanswered_leads, lead_conversion_rate, responded_rate, median_response_hours, p90_response_hours,"
        " median_response_business_hours, p90_response_business_hours, is_complete_period"
        " from kpi_lead_conversion where period <> 'all' order by 1, 2",
    ) == [
        # 25 and 2 hours; 1 and 2 of office
        ("01", "unknown", 1, 0, 0, 0, 1, 0, 0, None, None, None, None, False),
        ("01", "web", 1, 1, 1, 2, 0, 1, 1, 13.5, 22.7, 1.5, 1.9, False),
        ("02", "unknown", 0, 0, 0, 0, 0, None, None, None, None, None, None, False),
        ("02", "web", 1, 0, 0, 0, 1, 0, 0, None, None, None, None, False),
        ("03", "unknown", 0, 0, 0, 0, 0, None, None, None, None, None, None, False),
        ("03", "web", 0, 0, 0, 0, 0, None, None, None, None, None, None, False),
    ]
    # no month is 180 days old
    assert rows(company, "select sum(leads) from kpi_lead_conversion where period = 'all'") == [(0,)]


def test_leads_of_all_months_that_can_be_judged(small_numbers_project: CompiledProject) -> None:
    # as of 15 August: 180 days after January have passed, those after February have not
    company = small_numbers_project.upstream_of("marts.kpi_lead_conversion").run(
        orders=[
            {"order_id": "1", "account_id": "A1", "ordered_at": "2025-05-01"},
            {"order_id": "2", "account_id": "A3", "ordered_at": "2025-03-01"},
            # the first and the last day of data
            {"order_id": "3", "account_id": "A9", "ordered_at": "2025-01-02"},
            {"order_id": "4", "account_id": "A9", "ordered_at": "2025-08-15"},
        ],
        order_lines=[{"order_id": order, "quantity": "1", "unit_price": "5"} for order in "1234"],
        accounts=[{"account_id": account} for account in ("A1", "A2", "A3", "A9")],
        leads=[
            # answered after one hour and after three
            {"lead_id": "1", "account_id": "A1", "source": "web", "created_at": "2025-01-03 10:00",
             "first_responded_at": "2025-01-03 11:00"},
            {"lead_id": "2", "account_id": "A2", "source": "web", "created_at": "2025-01-07 10:00",
             "first_responded_at": "2025-01-07 13:00"},
            {"lead_id": "3", "account_id": "A3", "source": "web", "created_at": "2025-02-03 10:00"},
        ],
    )  # fmt: skip
    assert rows(
        company,
        "select period, month_start, leads, converted_leads, lead_conversion_rate, responded_leads,"
        " median_response_hours, is_reportable, is_complete_period from kpi_lead_conversion"
        " where leads > 0 order by period",
    ) == [
        ("2025-01-01", date(2025, 1, 1), 2, 1, 0.5, 2, 2, True, True),
        ("2025-02-01", date(2025, 2, 1), 1, 1, 1, 0, None, False, False),
        ("all", None, 2, 1, 0.5, 2, 2, True, False),
    ]


def test_deals_won_and_lost(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select strftime(month_start, '%m'), decided_deals, won_deals, lost_deals, deals_without_amount,"
        " decided_amount, won_amount, win_rate, win_value_rate, average_won_amount, won_cycle_days,"
        " average_cycle_days, median_cycle_days, p90_cycle_days, shortest_cycle_days, is_complete_period"
        " from kpi_win_rate where dimension = 'all' order by 1",
    ) == [
        ("01", 0, 0, 0, 0, 0, 0, None, None, None, 0, None, None, None, None, True),
        # a rate by value of 2/3 where 1 of 3 was won: D2 has no amount
        ("02", 3, 1, 2, 1, 1500, 1000, 1 / 3, 2 / 3, 1000, 22, 22, 22, 22, 22, True),
        ("03", 1, 1, 0, 0, 400, 400, 1, 1, 400, 28, 28, 28, 28, 28, True),
    ]
    # Wilson's interval of 1 in 3
    (bounds,) = company.execute(
        "select win_rate_low, win_rate_high from kpi_win_rate where dimension = 'all' and month_start = '2025-02-01'"
    ).fetchall()
    assert bounds == (pytest.approx(0.06149, abs=1e-5), pytest.approx(0.79234, abs=1e-5))


def test_deals_by_the_month_they_were_opened_in(company: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        company,
        "select strftime(month_start, '%m'), member, cohort_deals, cohort_won_deals, cohort_open_deals,"
        " cohort_win_rate, is_cohort_complete from kpi_win_rate where dimension <> 'rep' order by 2, 1",
    ) == [
        ("01", "all", 3, 1, 0, 1 / 3, True),
        ("02", "all", 2, 1, 1, 1 / 2, False),
        ("03", "all", 3, 0, 3, 0, False),
        ("01", "large", 1, 0, 0, 0, True),
        ("02", "large", 1, 1, 0, 1, True),
        ("03", "large", 2, 0, 2, 0, False),
        ("01", "small", 2, 1, 0, 1 / 2, True),
        ("02", "small", 1, 0, 1, 0, False),
        ("03", "small", 1, 0, 1, 0, False),
    ]


def test_buying_groups(company: duckdb.DuckDBPyConnection) -> None:
    # C2 asked for two quotes and visited on 12 January; C1 clicked on 12 October, 90 days before D1 was opened, and was
    # in touch on 2 February and 25 March; C3's inquiry is no part of buying
    assert rows(
        company,
        "select split_part(opportunity_id, ':', 2), contacts, buying_roles, touches, has_decision_maker"
        " from kpi_buying_group where account_id = 'flat_file:A1' or contacts > 0 order by created_on",
    ) == [
        ("D1", 2, 2, 4, True),
        ("D3", 2, 2, 4, True),
        ("D5", 2, 2, 5, True),
        # from 20 December 2024 on
        ("D10", 2, 2, 5, True),
    ]
    assert rows(
        company,
        "select company_size, outcome, deals, deals_with_contacts, deals_with_decision_maker, contacts, buying_roles,"
        " contacts_per_deal, median_contacts, buying_roles_per_deal, decision_maker_rate, is_reportable"
        " from kpi_buying_group_summary where company_size in ('all', 'small') order by 1, 2",
    ) == [
        ("all", "lost", 2, 1, 1, 2, 2, 1, 1, 1, 0.5, True),
        ("all", "open", 4, 2, 2, 4, 4, 1, 1, 1, 0.5, True),
        ("all", "won", 2, 1, 1, 2, 2, 1, 1, 1, 0.5, True),
        ("small", "lost", 1, 1, 1, 2, 2, 2, 2, 2, 1, False),
        ("small", "open", 2, 2, 2, 4, 4, 2, 2, 2, 1, True),
        ("small", "won", 1, 1, 1, 2, 2, 2, 2, 2, 1, False),
    ]


def test_from_first_contact_to_first_order(company: duckdb.DuckDBPyConnection) -> None:
    # data begin on 3 January: who ordered in the 90 days after may have been in touch before
    assert rows(
        company,
        "select split_part(account_id, ':', 2), company_size, split_part(owner_rep_id, ':', -1), first_touch_type,"
        " first_contact_to_order_days, has_contact_before_order, is_observed from kpi_first_order_delay order by 1",
    ) == [
        # a click on 11 October
        ("A1", "small", "R1", "email_click", 84, True, False),
        ("A2", "large", "R2", "lead", 5, True, False),
        ("guest", "unknown", "unknown", None, None, False, False),
    ]


@pytest.mark.parametrize(
    ("metric", "mart", "numerator", "denominator", "condition"),
    [
        ("win_rate", "kpi_win_rate", "won_deals", "decided_deals", "dimension = 'all'"),
        ("win_rate", "kpi_rep_performance", "won_deals", "won_deals + lost_deals", "true"),
        ("lead_conversion_rate", "kpi_lead_conversion", "converted_leads", "leads", "period <> 'all'"),
    ],
)
def test_the_board_says_the_same(
    company: duckdb.DuckDBPyConnection, metric: str, mart: str, numerator: str, denominator: str, condition: str
) -> None:
    board = company.execute(
        "select month_start, coalesce(numerator, 0), coalesce(denominator, 0) from kpi_board where metric = ?"
        " order by 1",
        [metric],
    ).fetchall()
    ours = company.execute(
        f"select month_start, sum({numerator}), sum({denominator}) from {mart} where {condition}"
        " group by month_start order by 1"
    ).fetchall()
    assert ours == board


def test_velocity_looks_back_twelve_months(compiled_project: CompiledProject) -> None:
    # as_of is 31 March 2025: won a year before is out, won the day after is in, after 10 days
    company = compiled_project.upstream_of("marts.kpi_pipeline_health").run(
        orders=[{"order_id": "1", "account_id": "A", "ordered_at": "2025-03-31"}],
        order_lines=[{"order_id": "1", "quantity": "1", "unit_price": "5"}],
        opportunities=[
            {"opportunity_id": "1", "created_at": "2024-03-01", "closed_at": "2024-03-31", "outcome": "won"},
            {"opportunity_id": "2", "created_at": "2024-03-22", "closed_at": "2024-04-01", "outcome": "won"},
        ],
    )
    assert rows(
        company,
        "select decided_deals_12m, won_deals_12m, average_cycle_days, is_reportable from kpi_pipeline_health"
        " where is_as_of and dimension = 'all'",
    ) == [(1, 1, 10, False)]
