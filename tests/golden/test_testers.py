"""Testers and staff: in the facts, out of every KPI, and without a say in the day the numbers are stated for."""

from typing import Any

import duckdb
import pytest
from compiled import CompiledProject, board

# our own domain is ours.example (tests/compiled.py)
CONTACTS = [
    {"contact_id": "BUYER", "account_id": "A", "email_hash": "jo@acme.example"},
    {"contact_id": "STAFF", "account_id": "A", "email_hash": " Max@OURS.example "},
    {"contact_id": "TESTER", "account_id": "TEST", "email_hash": "t@elsewhere.example"},
    # neither is of our own domain
    {"contact_id": "LIKE-1", "account_id": "A", "email_hash": "max@notours.example"},
    {"contact_id": "LIKE-2", "account_id": "A", "email_hash": "max@ours.example.org"},
]
FACTS = [
    ("orders", "fct_orders", "order_id", "ordered_at"),
    ("quotes", "fct_quotes", "quote_id", "requested_at"),
    ("leads", "fct_leads", "lead_id", "created_at"),
    ("activities", "fct_activities", "activity_id", "occurred_at"),
    ("inquiries", "fct_inquiries", "inquiry_id", "created_at"),
    ("survey_responses", "fct_survey_responses", "response_id", "sent_at"),
    ("email_events", "fct_email_events", "email_event_id", "occurred_at"),
]


def rows(key: str, clock: str, **columns: str) -> list[dict[str, str]]:
    """One row for each person, named after them, which names no account."""
    people = [contact["contact_id"] for contact in CONTACTS]
    return [{key: person, "contact_id": person, clock: "2025-03-03 10:00:00", **columns} for person in people]


@pytest.fixture(scope="module")
def company(compiled_project: CompiledProject) -> duckdb.DuckDBPyConnection:
    guests = {"g1": "jo@acme.example", "g2": "max@ours.example"}
    orders = rows("order_id", "ordered_at") + [
        {"order_id": name, "guest_key": address, "ordered_at": "2025-03-03"} for name, address in guests.items()
    ]
    orders.append({"order_id": "marked", "account_id": "A", "ordered_at": "2025-03-03", "is_test": "true"})
    paid = {"issued_on": "2025-03-04", "amount": "5"}
    needed = [
        "marts.kpi_board", "marts.kpi_win_rate", "marts.dim_contact", "marts.dim_account", "marts.fct_payments",
        "marts.fct_invoices", "marts.fct_opportunity_stages",
    ]  # fmt: skip
    return compiled_project.upstream_of(*needed, *(f"marts.{fact}" for _, fact, _, _ in FACTS)).run(
        accounts=[{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}],
        contacts=CONTACTS,
        orders=orders,
        order_lines=[
            {"order_id": order["order_id"], "product_id": "P", "quantity": "1", "unit_price": "5"} for order in orders
        ],
        quotes=rows("quote_id", "requested_at", status="sent"),
        leads=rows("lead_id", "created_at"),
        activities=rows("activity_id", "occurred_at"),
        inquiries=rows("inquiry_id", "created_at"),
        survey_responses=rows("response_id", "sent_at", survey_type="nps"),
        opportunities=[
            {
                "opportunity_id": name,
                "account_id": account,
                "created_at": created,
                "closed_at": closed,
                "outcome": "won",
            }
            for name, account, created, closed in (
                ("ours", "A", "2025-03-03", "2025-03-10"),
                ("tester's", "TEST", "2025-03-03", "2025-03-10"),
                # as of is the last day of March
                ("later", "A", "2025-04-03", "2025-04-10"),
            )
        ],
        opportunity_stages=[
            {"opportunity_stage_id": name, "opportunity_id": name, "stage": "won", "entered_at": "2025-03-03"}
            for name in ("ours", "tester's")
        ],
        email_events=rows("email_event_id", "occurred_at", event_name="open"),
        invoices=[
            {"invoice_id": "I1", "order_id": "BUYER", **paid},
            {"invoice_id": "I2", "order_id": "marked", **paid},
        ],
        payments=[
            {"payment_id": "P1", "invoice_id": "I1", "paid_on": "2025-03-05", "amount": "5"},
            {"payment_id": "P2", "invoice_id": "I2", "paid_on": "2025-03-05", "amount": "5"},
        ],
        web_events=[
            {"event_id": "1", "visitor_id": "V", "event_name": "page_view", "occurred_at": "2025-03-31T10:00:00Z"}
        ],
    )


def valid(company: duckdb.DuckDBPyConnection, fact: str, key: str) -> dict[str, bool]:
    return dict(company.execute(f"select split_part({key}, ':', 2), is_valid from {fact}").fetchall())


@pytest.mark.parametrize(("entity", "fact", "key", "clock"), FACTS)
def test_what_our_own_people_do_does_not_count(
    company: duckdb.DuckDBPyConnection, entity: str, fact: str, key: str, clock: str
) -> None:
    found = valid(company, fact, key)
    expected = {"BUYER": True, "STAFF": False, "TESTER": False, "LIKE-1": True, "LIKE-2": True}
    assert {person: found[person] for person in expected} == expected


def test_orders_and_invoices_of_testers(company: duckdb.DuckDBPyConnection) -> None:
    found = valid(company, "fct_orders", "order_id")
    assert {name: found[name] for name in ("g1", "g2", "marked")} == {"g1": True, "g2": False, "marked": False}
    # of the person's account
    accounts = dict(company.execute("select split_part(order_id, ':', 2), account_id from fct_orders").fetchall())
    assert accounts["BUYER"] == "flat_file:A"
    assert valid(company, "fct_invoices", "invoice_id") == {"I1": True, "I2": False}
    assert valid(company, "fct_payments", "payment_id") == {"P1": True, "P2": False}
    # BUYER, LIKE-1, LIKE-2 and g1
    assert board(company, "orders")["2025-03"] == 4


def test_deals_that_do_not_count_say_why(company: duckdb.DuckDBPyConnection) -> None:
    reasons = company.execute("select split_part(opportunity_id, ':', 2), exclusion_reason from fct_opportunities")
    assert dict(reasons.fetchall()) == {"ours": None, "tester's": "test", "later": "after_as_of"}
    assert valid(company, "fct_opportunity_stages", "opportunity_id") == {"ours": True, "tester's": False}
    decided = "select sum(decided_deals), sum(cohort_deals) from kpi_win_rate where dimension = 'all'"
    assert company.execute(decided).fetchone() == (1, 1)


def test_who_is_a_tester(company: duckdb.DuckDBPyConnection) -> None:
    people = company.execute(
        "select split_part(contact_id, ':', 2) from dim_contact where is_test order by 1"
    ).fetchall()
    assert people == [("STAFF",), ("TESTER",)]
    accounts = company.execute(
        "select is_guest, count(*) from dim_account where is_test group by 1 order by 1"
    ).fetchall()
    assert accounts == [(False, 1), (True, 1)]


EVENT = {"visitor_id": "V", "event_name": "page_view"}
ORDER = {"account_id": "A", "ordered_at": "2025-01-20"}


@pytest.mark.parametrize(
    "later",
    [
        {"orders": [{**ORDER, "is_test": "true"}]},
        {"orders": [{**ORDER, "account_id": "TEST"}]},
        {"orders": [{**ORDER, "contact_id": "STAFF"}]},
        {"orders": [{"guest_key": "max@ours.example", "ordered_at": "2025-01-20"}]},
        {"web_events": [{**EVENT, "is_bot": "true"}]},
        {"web_events": [{**EVENT, "user_agent": "Googlebot/2.1"}]},
        {"web_events": [{**EVENT, "contact_id": "STAFF"}]},
        {"web_events": [{**EVENT, "contact_id": "TESTER"}]},
    ],
    ids=[
        "marked order",
        "test account",
        "staff",
        "guest of our own",
        "marked robot",
        "robot",
        "staff visit",
        "tester visit",
    ],
)
def test_robots_and_testers_do_not_move_as_of(compiled_project: CompiledProject, later: dict[str, Any]) -> None:
    project = compiled_project.upstream_of("intermediate.int_as_of")
    query = "select cast(as_of_on as varchar), cast(data_starts_on as varchar) from intermediate.int_as_of"
    orders = [{"order_id": "1", "account_id": "A", "ordered_at": "2025-01-10"}]
    events = [{"event_id": "1", "occurred_at": "2025-01-12T10:00:00Z", **EVENT}]
    common = {"accounts": [{"account_id": "A"}, {"account_id": "TEST", "is_test": "true"}], "contacts": CONTACTS}
    orders += [{"order_id": "2", **order} for order in later.get("orders", [])]
    events += [
        {"event_id": "2", "occurred_at": "2025-01-20T10:00:00Z", **event} for event in later.get("web_events", [])
    ]
    found = project.run(orders=orders, web_events=events, **common).execute(query).fetchone()
    assert found == ("2025-01-12", "2025-01-10")


def test_a_replacement_moves_as_of(compiled_project: CompiledProject) -> None:
    project = compiled_project.upstream_of("intermediate.int_as_of")
    company = project.run(orders=[{"order_id": "1", **ORDER, "order_type": "replacement"}])
    assert str(company.execute("select as_of_on from intermediate.int_as_of").fetchone()[0]) == "2025-01-20"
