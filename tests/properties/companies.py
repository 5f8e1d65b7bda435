"""Companies that Hypothesis makes up: small, and as awkward as real ones.

Every draw is a set of raw tables as `Workbench.run` takes them. Ids are few, so that things meet: accounts order more
than once, quotes become orders, visitors come back. Values are picked to sit on edges: days around month ends and clock
changes, zero prices, cancelled orders, returns of more than was sold, events 30 minutes apart.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import strategies as st

Company = dict[str, list[dict[str, Any]]]

# The same in every company: who and what there is.
FIXED: Company = {
    "accounts": [
        {"account_id": "A1", "company_size": "small", "country_code": "PL", "owner_rep_id": "S1"},
        {"account_id": "A2", "company_size": "medium", "country_code": "DE", "parent_account_id": "A3"},
        {"account_id": "A3", "employee_count": "900", "credit_limit": "500", "owner_rep_id": "S2"},
        {"account_id": "A4"},
        {"account_id": "TEST", "is_test": "true"},
    ],
    "contacts": [
        {"contact_id": f"C{number}", "account_id": account_id, "has_shop_login": "true"}
        for number, account_id in enumerate(["A1", "A2", "A3", "A4", "TEST"], start=1)
    ],
    "products": [
        {"product_id": "P1", "category": "Tools", "unit_cost": "6", "supplier_id": "U1", "list_price": "12"},
        {"product_id": "P2", "category": "Paper", "supplier_id": "U2"},
        {"product_id": "SHIP", "product_type": "shipping"},
    ],
    "suppliers": [{"supplier_id": "U1"}, {"supplier_id": "U2"}],
    "catalogs": [{"catalog_id": "K1", "target_group": "small"}, {"catalog_id": "K2"}],
    "campaigns": [
        {"campaign_id": "M1", "source": "google", "medium": "cpc", "starts_on": "2024-01-01"},
        {"campaign_id": "M2", "channel": "newsletter"},
    ],
    "sales_reps": [{"rep_id": "S1", "team": "north"}, {"rep_id": "S2"}],
    "exchange_rates": [
        {"rate_on": f"{year}-{month:02d}-01", "currency_code": "EUR", "rate_to_base": f"4.{month:02d}"}
        for year in (2024, 2025)
        for month in range(1, 13)
    ],
}

# Month ends, a leap day, both clock changes, and days between.
DAYS = [
    datetime(2024, 2, 29), datetime(2024, 3, 31), datetime(2024, 10, 27), datetime(2024, 12, 31), datetime(2025, 1, 1),
    datetime(2025, 1, 31), datetime(2025, 3, 30), datetime(2025, 4, 15), datetime(2025, 5, 20), datetime(2025, 6, 30),
]  # fmt: skip
days = st.builds(
    lambda day, shift: day + timedelta(days=shift), st.sampled_from(DAYS), st.integers(min_value=-3, max_value=3)
)
moments = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), days, st.sampled_from([0, 30, 89, 150, 600, 1439])
)


def text(moment: datetime) -> str:
    """A moment as an export writes it, in UTC."""
    return f"{moment.isoformat(timespec='seconds')}Z"


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    """One of some values; None is an empty cell."""
    return st.sampled_from(values)


times = moments.map(text)
dates = days.map(lambda day: day.date().isoformat())
accounts = one_of("A1", "A2", "A3", "A4", "TEST")
maybe_accounts = st.one_of(st.none(), accounts)
contacts = one_of(None, "C1", "C2", "C3", "C5")
products = one_of("P1", "P2", "SHIP")
reps = one_of(None, "S1", "S2")
currencies = one_of(None, "PLN", "EUR")
prices = one_of("0", "1.01", "9.99", "10", "250")
quantities = one_of("0", "1", "2", "7", "100")


def table(prefix: str, key: str, most: int, **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict]]:
    """Up to so many rows of independent columns, with ids that begin with a prefix."""
    rows = st.lists(st.fixed_dictionaries(columns), max_size=most)
    return rows.map(lambda drawn: [{key: f"{prefix}{number}", **row} for number, row in enumerate(drawn)])


@st.composite
def _orders(draw: st.DrawFn, most: int = 9) -> Company:
    """Orders with lines, and what followed: shipments, invoices, payments and returns."""
    company: Company = {name: [] for name in ("orders", "order_lines", "shipments", "invoices", "payments", "returns")}
    for number in range(draw(st.integers(min_value=0, max_value=most))):
        order_id, ordered_at = f"O{number}", draw(moments)
        account, currency = draw(maybe_accounts), draw(currencies)
        is_cancelled = draw(st.integers(min_value=0, max_value=5)) == 0
        company["orders"].append({
            "order_id": order_id, "account_id": account, "currency_code": currency, "ordered_at": text(ordered_at),
            "guest_key": None if account else draw(one_of(None, "G1", "g1 ", "G2")),
            "order_channel": draw(one_of(None, "web_self_service", "phone", "edi")),
            "order_type": draw(one_of(None, None, None, "replacement")),
            "order_discount_amount": draw(one_of(None, None, "1", "3.33")),
            "cancelled_at": text(ordered_at + timedelta(days=3)) if is_cancelled else None,
            "quote_id": draw(one_of(None, None, "Q1")),
            "rep_id": draw(reps),
            "catalog_id": draw(one_of(None, "K1", "K2")),
            "visitor_id": draw(one_of(None, "V1", "V2")),
        })  # fmt: skip
        for line in range(draw(st.integers(min_value=0, max_value=3))):
            _add_line(draw, company, order_id, line, ordered_at)
        if draw(st.booleans()):
            _add_invoice(draw, company, order_id, account, currency, ordered_at)
    return company


def _add_line(draw: st.DrawFn, company: Company, order_id: str, line: int, ordered_at: datetime) -> None:
    line_id = f"{order_id}-{line}"
    price = draw(prices)
    company["order_lines"].append({
        "order_line_id": line_id, "order_id": order_id, "product_id": draw(products),
        "quantity": draw(quantities), "unit_price": price, "list_unit_price": draw(one_of(None, "12", "300")),
        "unit_cost": draw(one_of(None, "6")),
        "promised_on": (ordered_at + timedelta(days=4)).date().isoformat(),
    })  # fmt: skip
    for part in range(draw(st.integers(min_value=0, max_value=2))):
        shipped_at = ordered_at + timedelta(days=draw(st.integers(min_value=0, max_value=5)))
        company["shipments"].append({
            "shipment_line_id": f"{line_id}-{part}", "order_line_id": line_id, "quantity": draw(quantities),
            "shipped_at": text(shipped_at), "delivered_at": draw(one_of(None, text(shipped_at + timedelta(days=1)))),
        })  # fmt: skip
    if draw(st.integers(min_value=0, max_value=3)) == 0:
        company["returns"].append({
            "return_id": f"R{line_id}", "order_id": order_id, "order_line_id": line_id, "quantity": "1",
            "refund_amount": draw(one_of("1", price, "20")),
            "returned_at": text(ordered_at + timedelta(days=draw(one_of(1, 20, 45)))),
            "is_restocked": draw(one_of(None, "true", "false")),
        })  # fmt: skip


def _add_invoice(
    draw: st.DrawFn, company: Company, order_id: str, account: str | None, currency: str | None, ordered_at: datetime
) -> None:
    issued = ordered_at.date() + timedelta(days=2)
    company["invoices"].append({
        "invoice_id": f"I{order_id}", "order_id": order_id, "account_id": account, "currency_code": currency,
        "issued_on": issued.isoformat(), "payment_terms_days": draw(one_of(None, "0", "30", "90")),
        "amount": draw(one_of("100", "12.30", "-5")),
    })  # fmt: skip
    for part in range(draw(st.integers(min_value=0, max_value=2))):
        company["payments"].append({
            "payment_id": f"P{order_id}-{part}", "invoice_id": f"I{order_id}", "account_id": account,
            "currency_code": draw(currencies), "amount": draw(one_of("50", "100", "12")),
            "paid_on": (issued + timedelta(days=draw(one_of(0, 30, 31, 61, 120)))).isoformat(),
        })  # fmt: skip


@st.composite
def _web(draw: st.DrawFn) -> Company:
    """Visits of a few browsers, whose events lie close enough to touch the 30 minutes, and who takes part in a test."""
    events = draw(table(
        "E", "event_id", 12,
        visitor_id=one_of(None, "V1", "V1", "V2", "V3"), contact_id=one_of(None, None, "C1", "C2", "C5"),
        event_name=one_of(
            "page_view", "page_view", "product_view", "add_to_cart", "checkout_start", "purchase", "quote_request"
        ),
        occurred_at=times, product_id=one_of("P1"), page_type=one_of(None, "product", "blog"),
        page_url=one_of(None, "/a", "/b?x=1"), engaged_ms=one_of(None, "0", "20000"),
        source=one_of(None, "google", "newsletter"), medium=one_of(None, "cpc", "email"),
        campaign=one_of(None, "M1", "M2"), keyword=one_of(None, "boxes"), cart_id=one_of(None, "K1", "K2"),
        order_id=st.integers(min_value=0, max_value=9).map(lambda number: f"O{number}"),
        load_time_ms=one_of(None, "900"),
    ))  # fmt: skip
    for event in events:
        event["order_id"] = event["order_id"] if event["event_name"] == "purchase" else None
    assigned = draw(table(
        "X", "experiment_assignment_id", 4,
        experiment_id=one_of("T1"), variant=one_of("control", "treatment", "third"),
        unit_type=one_of("visitor", "account"), unit_id=one_of("V1", "V2", "A1", "A2"), assigned_at=times,
    ))  # fmt: skip
    return {"web_events": events, "experiment_assignments": assigned}


marketing = st.fixed_dictionaries({
    "ad_spend": table(
        "S", "ad_spend_id", 4,
        spent_on=dates, campaign_id=one_of("M1", "M2"), impressions=one_of(None, "0", "1000"),
        clicks=one_of(None, "0", "30"), cost=one_of("0", "12.34", "500"), currency_code=currencies,
    ),
    "email_events": table(
        "N", "email_event_id", 8,
        campaign_id=one_of("M2"), contact_id=contacts, message_id=one_of("1", "2"), occurred_at=times,
        event_name=one_of("sent", "sent", "open", "click", "hard_bounce", "soft_bounce", "unsubscribe"),
        is_machine=one_of(None, "true"),
    ),
})  # fmt: skip


@st.composite
def _negotiations(draw: st.DrawFn) -> Company:
    """Quotes with rounds, deals with stages, leads, and what reps do and owe."""
    company: Company = {"quotes": [], "quote_events": [], "opportunities": [], "opportunity_stages": []}
    for number in range(draw(st.integers(min_value=0, max_value=3))):
        requested = draw(moments)
        status = draw(one_of("sent", "ordered", "declined", "expired", "withdrawn", "draft"))
        company["quotes"].append({
            "quote_id": f"Q{number}", "account_id": draw(accounts), "requested_at": text(requested), "status": status,
            "closed_at": None if status in ("sent", "draft") else text(requested + timedelta(days=9)),
            "expires_on": (requested + timedelta(days=30)).date().isoformat(), "base_amount": "100",
            "negotiated_amount": draw(one_of("100", "80")), "currency_code": draw(currencies), "rep_id": draw(reps),
            "catalog_id": draw(one_of(None, "K1")),
        })  # fmt: skip
        for round_number in range(draw(st.integers(min_value=0, max_value=2))):
            company["quote_events"].append({
                "quote_event_id": f"Q{number}-{round_number}", "quote_id": f"Q{number}", "state": "sent",
                "actor": "seller", "occurred_at": text(requested + timedelta(days=round_number)),
                "offered_amount": "90",
            })  # fmt: skip
    for number in range(draw(st.integers(min_value=0, max_value=3))):
        created, outcome = draw(moments), draw(one_of("won", "lost", "open"))
        company["opportunities"].append({
            "opportunity_id": f"D{number}", "account_id": draw(maybe_accounts), "created_at": text(created),
            "outcome": outcome, "amount": draw(one_of("0", "1000")), "stage": "proposal", "rep_id": draw(reps),
            "closed_at": None if outcome == "open" else text(created + timedelta(days=20)),
            "expected_close_on": (created + timedelta(days=draw(one_of(5, 25, 90)))).date().isoformat(),
        })  # fmt: skip
        for stage_number, stage in enumerate(["new", "proposal"][: draw(st.integers(min_value=0, max_value=2))]):
            company["opportunity_stages"].append({
                "opportunity_stage_id": f"D{number}-{stage}", "opportunity_id": f"D{number}", "stage": stage,
                "entered_at": text(created + timedelta(days=4 * stage_number)),
            })  # fmt: skip
    company["leads"] = draw(table("L", "lead_id", 3, account_id=maybe_accounts, created_at=times))
    company["activities"] = draw(table(
        "V", "activity_id", 3,
        activity_type=one_of("call", "meeting"), rep_id=reps, account_id=maybe_accounts, contact_id=contacts,
        opportunity_id=one_of(None, "D0"), occurred_at=times,
    ))  # fmt: skip
    company["agreements"] = draw(table(
        "G", "agreement_id", 2,
        account_id=accounts, starts_on=one_of("2024-01-01"), ends_on=one_of(None, "2025-07-15"),
        renewal_notice_days=one_of(None, "30"),
    ))  # fmt: skip
    company["rep_quotas"] = draw(table(
        "Y", "rep_quota_id", 2, rep_id=one_of("S1"), quota_month=one_of("2025-01-01", "2025-05-01"),
        quota_amount=one_of("0", "1000"), currency_code=currencies,
    ))  # fmt: skip
    return company


assortment = st.fixed_dictionaries({
    "catalog_assignments": table(
        "B", "catalog_assignment_id", 3,
        catalog_id=one_of("K1", "K2"), account_id=accounts, valid_from=one_of("2024-01-01", "2025-01-31"),
        valid_to=one_of(None, "2025-04-30"),
    ),
    "catalog_prices": table(
        "C", "catalog_price_id", 4,
        catalog_id=one_of("K1", "K2"), product_id=one_of("P1", "P2"), unit_price=prices, currency_code=currencies,
        valid_from=one_of("2024-01-01", "2025-01-01"), valid_to=one_of(None, "2024-12-31"),
    ),
    "competitor_prices": table(
        "F", "competitor_price_id", 3,
        product_id=one_of("P1", "P2"), competitor_name=one_of("X", "Y"), observed_on=dates, unit_price=prices,
        currency_code=currencies, is_in_stock=one_of(None, "true", "false"),
    ),
    "inventory_snapshots": table(
        "H", "inventory_snapshot_id", 5,
        snapshot_on=one_of("2025-03-31", "2025-04-30", "2025-05-10"), product_id=one_of("P1", "P2"),
        location=one_of(None, "W1"), quantity=quantities, value_amount=one_of(None, "0", "600"),
    ),
    "purchase_receipts": table(
        "J", "purchase_receipt_id", 4,
        supplier_id=one_of("U1", "U2"), product_id=one_of("P1", "P2"), ordered_on=one_of("2025-01-10", "2025-03-01"),
        promised_on=one_of(None, "2025-03-20"), received_on=one_of(None, "2025-03-18", "2025-03-25"),
        ordered_quantity=one_of("0", "10"), received_quantity=one_of(None, "4", "10"),
        defective_quantity=one_of(None, "0", "2"), unit_cost=one_of(None, "6", "7"),
    ),
})  # fmt: skip

service = st.fixed_dictionaries({
    "inquiries": table(
        "T", "inquiry_id", 4,
        account_id=maybe_accounts, created_at=one_of("2025-03-29T22:00:00Z", "2025-05-20T08:00:00Z"),
        first_responded_at=one_of(None, "2025-05-21T14:00:00Z"), resolved_at=one_of(None, "2025-06-01T00:00:00Z"),
    ),
    "survey_responses": table(
        "Z", "response_id", 6,
        survey_type=one_of("nps", "nps", "csat", "willingness"), account_id=maybe_accounts, contact_id=contacts,
        score=one_of(None, "0", "1", "4", "5"), sent_at=one_of("2025-05-01T08:00:00Z"),
        responded_at=one_of(None, "2025-05-02T08:00:00Z", "2025-05-30T08:00:00Z"),
    ),
    "reviews": table(
        "W", "review_id", 3,
        product_id=one_of("P1", "P2"), account_id=maybe_accounts, score=one_of("1", "5"), reviewed_at=times,
    ),
})  # fmt: skip


def _together(*parts: st.SearchStrategy[Company]) -> st.SearchStrategy[Company]:
    return st.tuples(*parts).map(lambda drawn: reduce(lambda whole, part: whole | part, drawn))


@dataclass(frozen=True)
class Area:
    """A part of the warehouse that is tested by itself, because a part runs in a fraction of the time.

    Attributes:
        folders: folders of models/marts whose KPIs it has.
        entities: raw tables that differ from company to company; those of FIXED are the same in all, others empty.
        drawn: rows of these tables, and of others that are left out.
    """

    folders: tuple[str, ...]
    entities: tuple[str, ...]
    drawn: st.SearchStrategy[Company]

    @property
    def companies(self) -> st.SearchStrategy[Company]:
        """Rows of the tables that differ."""
        return self.drawn.map(lambda company: {entity: company[entity] for entity in self.entities})


ORDERS = ("orders", "order_lines", "shipments", "invoices", "payments", "returns")
AREAS = {
    "customers": Area(("customers", "finance"), ORDERS, _orders()),
    "goods": Area(
        ("catalogs", "operations", "orders"),
        (*ORDERS, "catalog_assignments", "catalog_prices", "competitor_prices", "inventory_snapshots",
         "purchase_receipts"),
        _together(_orders(most=5), assortment),
    ),
    "web": Area(
        ("web", "marketing"),
        ("orders", "order_lines", "web_events", "experiment_assignments", "ad_spend", "email_events"),
        _together(_orders(most=4), _web(), marketing),
    ),
    "sales": Area(
        ("quotes", "sales"),
        ("orders", "order_lines", "quotes", "quote_events", "opportunities", "opportunity_stages", "leads",
         "activities", "agreements", "rep_quotas"),
        _together(_orders(most=3), _negotiations()),
    ),
    "overview": Area(
        ("overview", "service"),
        ("orders", "order_lines", "inquiries", "survey_responses", "reviews"),
        _together(_orders(most=4), service),
    ),
}  # fmt: skip
