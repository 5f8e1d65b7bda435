"""Puts the demo company together and plants what a reader should find (docs/demo_company.md)."""

from datetime import date, datetime, timedelta

from warehouse.demo import crm, negotiation, operations, outreach, trade, web
from warehouse.demo.tables import LAST_DAY, Row, Tables, local, stream, utc

ACCOUNTS = 240
PRODUCTS = 160

# Accounts whose order history is planted.
OVERDUE = "A1900"
SUMMER_PAUSE = "A1901"
LOST_KEY_ACCOUNT = "A1902"
TESTERS = "A1999"
UNKNOWN_ACCOUNT = "A9999"
# An hour that exists twice or not at all, on each day the clocks change.
CLOCK_CHANGES = [
    datetime(2024, 10, 27, 2, 30),
    datetime(2025, 3, 30, 2, 30),
    datetime(2025, 10, 26, 2, 30),
    datetime(2026, 3, 29, 3, 15),
]


def generate() -> Tables:
    """All raw tables of the demo company by system and name, as the systems would export them."""
    products = trade.make_products(PRODUCTS)
    accounts = crm.make_accounts(ACCOUNTS) + _planted_accounts()
    account_rows = crm.account_rows(accounts)
    contact_rows = crm.contact_rows(accounts)
    leads, deals = crm.lead_and_deal_rows(accounts, [product.sku for product in products])
    book = _order_book(accounts, products)
    # quotes give their numbers to the orders that came from them
    quotes, quote_events = negotiation.quote_rows(accounts, book)
    tracker = web.traffic(accounts, book.placed, products)
    experiment = web.experiment_rows(tracker)
    _plant_web_oddities(tracker)
    product_rows, suppliers = trade.product_rows(products), negotiation.supplier_rows()
    invoices, payments = operations.invoice_and_payment_rows(accounts, book)
    orders, lines = _with_dirty_orders(book)
    return {
        ("demo_crm", "accounts"): account_rows,
        ("demo_crm", "contacts"): contact_rows,
        ("demo_crm", "reps"): crm.rep_rows(),
        ("demo_crm", "leads"): leads,
        ("demo_crm", "opportunities"): deals + _dirty_deals(deals[0]),
        ("demo_crm", "account_versions"): crm.version_rows(accounts),
        ("demo_crm", "quotas"): crm.quota_rows(),
        ("demo_crm", "stages"): crm.stage_rows(deals),
        ("demo_crm", "activities"): crm.activity_rows(accounts, deals),
        ("demo_crm", "agreements"): crm.agreement_rows(accounts),
        ("demo_shop", "products"): product_rows,
        ("demo_shop", "suppliers"): suppliers,
        ("demo_shop", "catalogs"): negotiation.catalog_rows(),
        ("demo_shop", "catalog_assignments"): negotiation.assignment_rows(accounts),
        ("demo_shop", "catalog_prices"): negotiation.catalog_price_rows(products),
        ("demo_shop", "quotes"): quotes,
        ("demo_shop", "quote_events"): quote_events,
        ("demo_shop", "approvals"): negotiation.approval_rows(book),
        ("demo_shop", "competitor_prices"): negotiation.competitor_price_rows(products),
        ("demo_shop", "orders"): orders,
        ("demo_shop", "order_lines"): lines,
        ("demo_shop", "returns"): book.returns,
        ("demo_web", "events"): tracker.events,
        ("demo_web", "experiments"): experiment,
        ("demo_marketing", "campaigns"): outreach.campaign_rows(),
        ("demo_marketing", "ad_spend"): outreach.ad_spend_rows(),
        ("demo_marketing", "emails"): outreach.email_rows(contact_rows),
        ("demo_marketing", "search_results"): outreach.search_rows(),
        ("demo_erp", "exchange_rates"): trade.exchange_rate_rows(),
        ("demo_erp", "shipments"): operations.shipment_rows(book),
        ("demo_erp", "invoices"): invoices,
        ("demo_erp", "payments"): payments,
        ("demo_erp", "inventory"): operations.inventory_rows(products),
        ("demo_erp", "receipts"): operations.receipt_rows(products, suppliers, product_rows),
        ("demo_erp", "targets"): operations.target_rows(),
        ("demo_service", "tickets"): outreach.inquiry_rows(accounts),
        ("demo_service", "surveys"): outreach.survey_rows(accounts),
        ("demo_service", "reviews"): outreach.review_rows(book),
    }


def _planted_accounts() -> list[crm.Account]:
    def planted(number: str, size: str, first: date, is_test: bool = False) -> crm.Account:
        return crm.Account(number, size, "PL", "R01", 30, 28, first, is_test=is_test)

    return [
        planted(OVERDUE, "medium", date(2025, 1, 23)),
        planted(SUMMER_PAUSE, "medium", date(2024, 9, 16)),
        planted(LOST_KEY_ACCOUNT, "large", date(2024, 7, 8)),
        planted(TESTERS, "small", date(2024, 7, 3), is_test=True),
    ]


def _planted_moments(account: crm.Account) -> list[datetime]:
    """Order histories that have to be exact."""
    first = account.first_order_on or LAST_DAY
    if account.number == OVERDUE:
        # every four weeks, the last time 43 days before the last day
        return _every(28, date(2025, 1, 23), date(2026, 8, 6))
    if account.number == SUMMER_PAUSE:
        # every four weeks from mid-September to June, never in July and August
        return [m for m in _every(28, first, date(2026, 6, 30)) if m.month not in (7, 8)]
    if account.number == LOST_KEY_ACCOUNT:
        return _every(14, first, date(2025, 11, 10))
    return _every(90, first, LAST_DAY)


def _every(days: int, first: date, last: date) -> list[datetime]:
    count = (last - first).days // days + 1
    return [datetime(first.year, first.month, first.day, 10, 15) + timedelta(days=days * n) for n in range(count)]


def _order_book(accounts: list[crm.Account], products: list[trade.Product]) -> trade.OrderBook:
    planted = {OVERDUE, SUMMER_PAUSE, LOST_KEY_ACCOUNT, TESTERS}
    source = stream("order moments")
    wanted = []
    for account in accounts:
        moments = _planted_moments(account) if account.number in planted else trade.order_moments(account, source)
        wanted += [(moment, account) for moment in moments]
    regular = next(account for account in accounts if account.size == "small" and account.first_order_on)
    wanted += [(moment, regular) for moment in CLOCK_CHANGES]
    book = trade.OrderBook(products)
    for moment, account in sorted(wanted, key=lambda pair: (pair[0], pair[1].number)):
        is_planted = account.number in planted or moment in CLOCK_CHANGES
        overrides: Row = {"status": "completed", "cancelled": ""} if is_planted else {}
        book.add(account, moment, channel="sales_rep" if is_planted else "", **overrides)
    for number, (moment, kind) in enumerate(
        [(datetime(2025, 2, 4, 9), "replacement"), (datetime(2025, 9, 8, 9), "sample")]
    ):
        book.add(accounts[number], moment, channel="email", order_type=kind, status="completed", cancelled="")
    for number in range(6):
        moment = datetime(2025, 3, 10, 13, 5) + timedelta(days=61 * number)
        guest = {"account_no": "", "contact_no": "", "guest_email": f"buyer{number}@guest{number}.example"}
        book.add(regular, moment, channel="marketplace", status="completed", cancelled="", **guest)
    return book


def _plant_web_oddities(tracker: web.Tracker) -> None:
    # a visit over midnight in Warsaw
    for minutes in (0, 12, 25, 41):
        moment = datetime(2026, 3, 11, 23, 38) + timedelta(minutes=minutes)
        tracker.event(moment, "page_view", "v-midnight", path="/category", page_kind="category", device="desktop")
    # events of a phone that was offline: received three days later
    for minutes in (0, 4):
        happened = datetime(2026, 4, 14, 9, 30) + timedelta(minutes=minutes)
        tracker.event(happened, "page_view", "v-late", path="/article", page_kind="article", device="mobile",
                      received=utc(happened + timedelta(days=3)))  # fmt: skip
    # a tracker that sent the same events twice
    tracker.events += [dict(event) for event in tracker.events[1000:1025]]


def _with_dirty_orders(book: trade.OrderBook) -> tuple[list[Row], list[Row]]:
    """The order tables with a handful of rows that no warehouse can use, each documented with its key."""
    orders, lines = list(book.orders), list(book.lines)
    template = {**orders[200], "visitor_id": "", "channel": "email", "status": "completed", "cancelled": ""}

    def bad_order(number: str, **columns: object) -> None:
        orders.append({**template, "order_no": number, **columns})
        lines.append({**lines[0], "order_no": number, "line_no": 1})

    bad_order("SO-900001", account_no=UNKNOWN_ACCOUNT)
    bad_order("SO-900002", currency="NOK")
    bad_order("SO-900003", placed="2202-05-06 10:00:00")
    bad_order("SO-900004", placed="yesterday")
    # the same order number with another channel
    orders.append({**orders[300], "channel": "phone" if orders[300]["channel"] != "phone" else "email"})
    # an exact repeat of a line, and lines with values that are none
    lines.append(dict(lines[500]))
    lines.append({**lines[600], "line_no": 91, "quantity": "abc"})
    lines.append({**lines[601], "line_no": 92, "unit_price": "-5.00"})
    return orders, lines


def _dirty_deals(template: Row) -> list[Row]:
    created = datetime(2026, 5, 20, 9)
    closed = created - timedelta(days=3)
    return [{**template, "deal_no": "D9001", "created": local(created), "closed": local(closed), "outcome": "won"}]
