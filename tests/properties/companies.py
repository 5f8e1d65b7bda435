"""Companies that Hypothesis makes up: small, and as awkward as real ones.

Every draw is a set of raw tables as `CompiledProject.run` takes them. Ids are few, so that things meet: accounts order
more than once, quotes become orders, visitors come back. Values are picked to sit on edges: days around month ends and
clock changes, zero prices, cancelled orders, returns of more than was sold, events 30 minutes apart.
"""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Company = dict[str, list[dict[str, Any]]]

# Raw tables that a company may fill.
ENTITIES = (
    "accounts", "contacts", "products", "exchange_rates", "orders", "order_lines", "shipments", "invoices", "payments",
    "returns", "web_events", "quotes", "quote_events", "opportunities", "leads", "inquiries", "survey_responses",
)  # fmt: skip

ACCOUNTS = [
    {"account_id": "A1", "company_size": "small", "country_code": "PL"},
    {"account_id": "A2", "company_size": "medium", "country_code": "DE", "parent_account_id": "A3"},
    {"account_id": "A3", "employee_count": "900", "credit_limit": "500"},
    {"account_id": "A4"},
    {"account_id": "TEST", "is_test": "true"},
]
CONTACTS = [
    {"contact_id": f"C{number}", "account_id": account["account_id"], "has_shop_login": "true"}
    for number, account in enumerate(ACCOUNTS, start=1)
]
PRODUCTS = [
    {"product_id": "P1", "category": "Tools", "unit_cost": "6"},
    {"product_id": "P2", "category": "Paper"},
    {"product_id": "SHIP", "product_type": "shipping"},
]
RATES = [
    {"rate_on": f"{year}-{month:02d}-01", "currency_code": "EUR", "rate_to_base": f"4.{month:02d}"}
    for year in (2024, 2025)
    for month in range(1, 13)
]
# Month ends, a leap day, both clock changes, and days between.
DAYS = [
    datetime(2024, 2, 29), datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2024, 12, 31), datetime(2025, 1, 1),
    datetime(2025, 1, 31), datetime(2025, 3, 30), datetime(2025, 4, 15), datetime(2025, 5, 20), datetime(2025, 6, 30),
]  # fmt: skip

accounts = st.sampled_from([account["account_id"] for account in ACCOUNTS])
maybe_accounts = st.one_of(st.none(), accounts)
prices = st.sampled_from(["0", "1.01", "9.99", "10", "250"])
quantities = st.sampled_from(["0", "1", "2", "7", "100"])
currencies = st.sampled_from([None, "PLN", "EUR"])
days = st.builds(
    lambda day, shift: day + timedelta(days=shift), st.sampled_from(DAYS), st.integers(min_value=-3, max_value=3)
)
moments = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), days, st.sampled_from([0, 30, 89, 150, 600, 1439])
)


def text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"


@st.composite
def _orders(draw: st.DrawFn) -> Company:
    """Orders with lines, and what followed: shipments, invoices, payments and returns."""
    company: Company = {name: [] for name in ("orders", "order_lines", "shipments", "invoices", "payments", "returns")}
    for number in range(draw(st.integers(min_value=0, max_value=9))):
        order_id, ordered_at = f"O{number}", draw(moments)
        account, currency = draw(maybe_accounts), draw(currencies)
        is_cancelled = draw(st.integers(min_value=0, max_value=5)) == 0
        company["orders"].append({
            "order_id": order_id, "account_id": account, "currency_code": currency, "ordered_at": text(ordered_at),
            "guest_key": None if account else draw(st.sampled_from([None, "G1", "g1 ", "G2"])),
            "order_channel": draw(st.sampled_from([None, "web_self_service", "phone", "edi"])),
            "order_type": draw(st.sampled_from([None, None, None, "replacement"])),
            "order_discount_amount": draw(st.sampled_from([None, None, "1", "3.33"])),
            "cancelled_at": text(ordered_at + timedelta(days=3)) if is_cancelled else None,
            "quote_id": draw(st.sampled_from([None, None, "Q1"])),
            "visitor_id": draw(st.sampled_from([None, "V1", "V2"])),
        })  # fmt: skip
        for line in range(draw(st.integers(min_value=0, max_value=3))):
            _add_line(draw, company, order_id, line, ordered_at)
        if draw(st.booleans()):
            _add_invoice(draw, company, order_id, account, currency, ordered_at)
    return company


def _add_line(draw: st.DrawFn, company: Company, order_id: str, line: int, ordered_at: datetime) -> None:
    line_id = f"{order_id}-{line}"
    price, quantity = draw(prices), draw(quantities)
    company["order_lines"].append({
        "order_line_id": line_id, "order_id": order_id, "product_id": draw(st.sampled_from(["P1", "P2", "SHIP"])),
        "quantity": quantity, "unit_price": price, "list_unit_price": draw(st.sampled_from([None, "12", "300"])),
        "unit_cost": draw(st.sampled_from([None, "6"])),
        "promised_on": (ordered_at + timedelta(days=4)).date().isoformat(),
    })  # fmt: skip
    for part in range(draw(st.integers(min_value=0, max_value=2))):
        shipped_at = ordered_at + timedelta(days=draw(st.integers(min_value=0, max_value=5)))
        company["shipments"].append({
            "shipment_line_id": f"{line_id}-{part}", "order_line_id": line_id, "quantity": draw(quantities),
            "shipped_at": text(shipped_at),
            "delivered_at": draw(st.sampled_from([None, text(shipped_at + timedelta(days=1))])),
        })  # fmt: skip
    if draw(st.integers(min_value=0, max_value=3)) == 0:
        company["returns"].append({
            "return_id": f"R{line_id}", "order_id": order_id, "order_line_id": line_id, "quantity": "1",
            "refund_amount": draw(st.sampled_from(["1", price, "20"])),
            "returned_at": text(ordered_at + timedelta(days=draw(st.sampled_from([1, 20, 45])))),
            "is_restocked": draw(st.sampled_from([None, "true", "false"])),
        })  # fmt: skip


def _add_invoice(
    draw: st.DrawFn, company: Company, order_id: str, account: str | None, currency: str | None, ordered_at: datetime
) -> None:
    issued = ordered_at.date() + timedelta(days=2)
    company["invoices"].append({
        "invoice_id": f"I{order_id}", "order_id": order_id, "account_id": account, "currency_code": currency,
        "issued_on": issued.isoformat(), "payment_terms_days": draw(st.sampled_from([None, "0", "30", "90"])),
        "amount": draw(st.sampled_from(["100", "12.30", "-5"])),
    })  # fmt: skip
    for part in range(draw(st.integers(min_value=0, max_value=2))):
        paid = issued + timedelta(days=draw(st.sampled_from([0, 30, 31, 61, 120])))
        company["payments"].append({
            "payment_id": f"P{order_id}-{part}", "invoice_id": f"I{order_id}", "account_id": account,
            "currency_code": draw(currencies), "paid_on": paid.isoformat(),
            "amount": draw(st.sampled_from(["50", "100", "12"])),
        })  # fmt: skip


@st.composite
def _web(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Visits of a few browsers, whose events lie close enough to touch the 30 minutes."""
    events = []
    for number in range(draw(st.integers(min_value=0, max_value=12))):
        name = draw(st.sampled_from(
            ["page_view", "page_view", "product_view", "add_to_cart", "checkout_start", "purchase", "quote_request"]
        ))  # fmt: skip
        events.append({
            "event_id": f"E{number}", "visitor_id": draw(st.sampled_from([None, "V1", "V1", "V2", "V3"])),
            "contact_id": draw(st.sampled_from([None, None, "C1", "C2", "C5"])), "event_name": name,
            "occurred_at": text(draw(moments)), "product_id": "P1",
            "source": draw(st.sampled_from([None, "google", "newsletter"])),
            "medium": draw(st.sampled_from([None, "cpc", "email"])),
            "keyword": draw(st.sampled_from([None, "boxes"])),
            "cart_id": draw(st.sampled_from([None, "K1"])),
            "order_id": f"O{draw(st.integers(min_value=0, max_value=9))}" if name == "purchase" else None,
        })  # fmt: skip
    return events


@st.composite
def _sales(draw: st.DrawFn) -> Company:
    """A quote with rounds, deals, leads, inquiries and surveys."""
    company: Company = {"quotes": [], "quote_events": [], "opportunities": [], "leads": []}
    company |= {"inquiries": [], "survey_responses": []}
    for number in range(draw(st.integers(min_value=0, max_value=3))):
        requested = draw(moments)
        status = draw(st.sampled_from(["sent", "ordered", "declined", "expired", "withdrawn", "draft"]))
        company["quotes"].append({
            "quote_id": f"Q{number}", "account_id": draw(accounts), "requested_at": text(requested), "status": status,
            "closed_at": None if status in ("sent", "draft") else text(requested + timedelta(days=9)),
            "expires_on": (requested + timedelta(days=30)).date().isoformat(), "base_amount": "100",
            "negotiated_amount": draw(st.sampled_from(["100", "80"])), "currency_code": draw(currencies),
        })  # fmt: skip
        for round_number in range(draw(st.integers(min_value=0, max_value=2))):
            company["quote_events"].append({
                "quote_event_id": f"Q{number}-{round_number}", "quote_id": f"Q{number}", "state": "sent",
                "actor": "seller", "occurred_at": text(requested + timedelta(days=round_number)),
                "offered_amount": "90",
            })  # fmt: skip
    for number in range(draw(st.integers(min_value=0, max_value=3))):
        created, outcome = draw(moments), draw(st.sampled_from(["won", "lost", "open"]))
        company["opportunities"].append({
            "opportunity_id": f"D{number}", "account_id": draw(maybe_accounts), "created_at": text(created),
            "outcome": outcome, "amount": draw(st.sampled_from(["0", "1000"])), "stage": "proposal",
            "closed_at": None if outcome == "open" else text(created + timedelta(days=20)),
        })  # fmt: skip
        company["leads"].append(
            {"lead_id": f"L{number}", "account_id": draw(maybe_accounts), "created_at": text(draw(moments))}
        )
        company["inquiries"].append({
            "inquiry_id": f"T{number}", "account_id": draw(maybe_accounts), "created_at": text(created),
            "first_responded_at": draw(st.sampled_from([None, text(created + timedelta(hours=30))])),
        })  # fmt: skip
        company["survey_responses"].append({
            "response_id": f"S{number}", "survey_type": "nps", "account_id": draw(maybe_accounts), "contact_id": "C1",
            "score": draw(st.sampled_from([None, "0", "6", "7", "9", "10"])), "sent_at": text(created),
            "responded_at": text(created + timedelta(hours=1)),
        })  # fmt: skip
    return company


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """A whole company."""
    return {
        "accounts": ACCOUNTS,
        "contacts": CONTACTS,
        "products": PRODUCTS,
        "exchange_rates": RATES,
        **draw(_orders()),
        "web_events": draw(_web()),
        **draw(_sales()),
    }
