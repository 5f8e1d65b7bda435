"""Quotes with their rounds, from which some orders come, and approvals of purchase orders by the buyers' superiors."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from warehouse.demo.accounts import DEEP_DISCOUNTER, Account, Contact, Habit
from warehouse.demo.assortment import PRICE_LIST_RATES
from warehouse.demo.orders import Order
from warehouse.demo.randomness import Block, Stream, Weighted
from warehouse.demo.sales import DEAL_AMOUNT, Deal
from warehouse.demo.tables import Tables, money
from warehouse.demo.timeline import (
    CLOSING,
    FIRST_DAY,
    LAST_DAY,
    any_day,
    later_at_work,
    next_working_day,
    office_moment,
)

ORIGINS = Weighted({"web": 48, "email": 32, "rep": 20})
# Quotes that lead to no order, for each that does.
WITHOUT_ORDER = 1.9
VALID_DAYS = 30
OUTCOMES = Weighted({"declined": 42, "expired": 50, "withdrawn": 8})
APPROVAL_LIMITS = {"medium": 2_000.0, "large": 5_000.0}


@dataclass
class Quote:
    """A quote in its latest state; amounts in the account's currency.

    Attributes:
        events: (moment, state, actor, amount offered or asked; none where no price is named).
        closed: when it reached its final state; none while it is open.
    """

    number: str
    account: Account
    contact: Contact | None
    catalog: str
    origin: str
    requested: datetime
    status: str
    base_amount: float
    negotiated_amount: float
    closed: datetime | None = None
    expires: date | None = None
    deal: str = ""
    order: Order | None = None
    events: list[tuple[datetime, str, str, float | None]] = field(default_factory=list)

    def first(self, *states: str) -> datetime | None:
        """When it first was in one of some states."""
        return next((moment for moment, state, _, _ in self.events if state in states), None)

    @property
    def rounds(self) -> int:
        """How many versions the customer has been sent."""
        return sum(state == "sent" for _, state, _, _ in self.events)


def make_quotes(accounts: list[Account], orders: list[Order], deals: list[Deal], block: Block) -> list[Quote]:
    """Quotes of a block by the moment of the request; gives the orders that came from one its number."""
    stream = block.stream("quotes")
    quotes = [quote for order in orders if order.from_quote for quote in _won(stream, order)]
    quotes += _lost_quotes(stream, accounts, round(WITHOUT_ORDER * len(quotes)))
    if block.is_first:
        quotes += _ordered_after_expiry(orders)
    quotes.sort(key=lambda quote: (quote.requested, quote.account.number))
    numbers = block.numbers("Q-", 20_001, 1000)
    for quote in quotes:
        quote.number = numbers.next()
        quote.deal = _deal_of(quote, deals)
        if quote.order:
            quote.order.quote = quote.number
    return quotes


def _won(stream: Stream, order: Order) -> list[Quote]:
    """The quote that an order came from; none when it would have been asked for before the shop opened."""
    account = order.account
    days = 1.2 + stream.gamma(2, 7.5 if order.rep != DEEP_DISCOUNTER else 9.0)
    asked_on = order.day - timedelta(days=round(min(days, 27)))
    requested = office_moment(stream, asked_on - timedelta(days=max(0, asked_on.weekday() - 4)))
    if account is None or requested.date() < FIRST_DAY:
        return []
    base = round(sum(line.quantity * line.list_price for line in order.lines), 2)
    negotiated = round(sum(line.net for line in order.lines), 2)
    quote = Quote(
        "", account, order.contact, order.catalog, stream.pick_from(ORIGINS), requested, "ordered", base, negotiated
    )
    quote.order = order
    _negotiate(stream, quote, order.placed, "ordered")
    return [quote]


def _lost_quotes(stream: Stream, accounts: list[Account], count: int) -> list[Quote]:
    able = [a for a in accounts if not a.is_test and a.habit is Habit.ORDINARY]
    quotes = []
    for _ in range(count):
        account = stream.pick(able)
        first = max(account.came_on, FIRST_DAY)
        last = account.orders_on[-1] + timedelta(days=30) if account.orders_on else first + timedelta(days=60)
        day = next_working_day(any_day(stream, first, min(last, LAST_DAY)))
        requested = office_moment(stream, day)
        if requested < CLOSING - timedelta(hours=3):
            quotes.append(_unordered(stream, account, requested))
    return quotes


def _unordered(stream: Stream, account: Account, requested: datetime) -> Quote:
    base = DEAL_AMOUNT[account.size] * 0.5 * stream.lognormal(1.0, 0.6) / PRICE_LIST_RATES[account.currency]
    depth = (
        stream.uniform(0.17, 0.27) if account.rep_on(requested.date()) == DEEP_DISCOUNTER else stream.uniform(0.0, 0.08)
    )
    day = requested.date()
    quote = Quote(
        number="",
        account=account,
        contact=stream.pick(account.buyers_on(day)),
        catalog=account.catalog_on(day),
        origin=stream.pick_from(ORIGINS),
        requested=requested,
        status="",
        base_amount=round(base, 2),
        negotiated_amount=round(base * (1 - depth), 2),
    )
    outcome = stream.pick_from(OUTCOMES)
    days = VALID_DAYS + 1.2 if outcome == "expired" else 2 + stream.gamma(2, 11.0)
    closing = requested + timedelta(days=days)
    _negotiate(stream, quote, closing.replace(microsecond=0), outcome)
    return quote


def _negotiate(stream: Stream, quote: Quote, closing: datetime, outcome: str) -> None:
    """Fills in the events up to the outcome, as far as they are known on the last day."""
    span_hours = (closing - quote.requested).total_seconds() / 3600
    response = _at_work(stream, quote.requested, min(stream.lognormal(5.0, 0.9), 0.2 * span_hours), closing)
    sent = _at_work(stream, response, min(stream.lognormal(9.0, 0.7), 0.25 * span_hours), closing)
    rounds = stream.pick((1, 1, 1, 2, 2, 3)) if outcome != "withdrawn" else 1
    base, final = quote.base_amount, quote.negotiated_amount
    offers = [round(base + (final - base) * (number + 1) / rounds, 2) for number in range(rounds)]
    events: list[tuple[datetime, str, str, float | None]] = [
        (quote.requested, "submitted", "buyer", None),
        (response, "in_review", "seller", None),
        (sent, "sent", "seller", offers[0]),
    ]
    step_hours = (closing - sent).total_seconds() / 3600 / (2 * rounds)
    for offer in offers[1:]:
        for state, actor in (("countered", "buyer"), ("sent", "seller")):
            events.append((_at_work(stream, events[-1][0], step_hours, closing), state, actor, offer))
    quote.expires = events[-1][0].date() + timedelta(days=VALID_DAYS)
    if outcome == "expired":
        closing = datetime.combine(quote.expires + timedelta(days=1), datetime.min.time())
    actor = "system" if outcome == "expired" else "buyer"
    events.append((closing, outcome, actor, final if outcome == "ordered" else None))
    quote.events = [event for event in events if event[0] <= CLOSING]
    last_state = quote.events[-1][1]
    is_closed = last_state == outcome
    quote.status = (
        outcome if is_closed else {"submitted": "submitted", "in_review": "in_review"}.get(last_state, "sent")
    )
    quote.closed = closing if is_closed else None
    if quote.rounds == 0:
        quote.expires = None


def _at_work(stream: Stream, start: datetime, hours: float, limit: datetime) -> datetime:
    """A moment in office hours, or, when that would be too late, half-way to the limit."""
    moment = later_at_work(stream, start, max(0.1, hours))
    return (moment if moment < limit else start + (limit - start) / 2).replace(microsecond=0)


def _ordered_after_expiry(orders: list[Order]) -> list[Quote]:
    """Two quotes that had expired when the buyer ordered after all, at the list price."""
    at_list = [
        order
        for order in orders
        if order.channel == "phone"
        and order.account
        and not order.account.is_planted
        and not order.is_test
        and order.kind == "standard"
        and not order.cancelled
        and not order.from_quote
        and order.day > date(2025, 1, 1)
        and all(line.price == line.list_price and not line.discount for line in order.lines)
    ][:2]
    quotes = []
    for order in at_list:
        if order.account is None:
            continue
        base = round(sum(line.quantity * line.list_price for line in order.lines), 2)
        requested = order.placed - timedelta(days=52)
        quote = Quote(
            "", order.account, order.contact, order.catalog, "email", requested, "expired", base, round(base * 0.95, 2)
        )
        sent = requested + timedelta(hours=26)
        quote.expires = sent.date() + timedelta(days=VALID_DAYS)
        quote.closed = datetime.combine(quote.expires + timedelta(days=1), datetime.min.time())
        quote.events = [
            (requested, "submitted", "buyer", None),
            (requested + timedelta(hours=3), "in_review", "seller", None),
            (sent, "sent", "seller", quote.negotiated_amount),
            (quote.closed, "expired", "system", None),
        ]
        quote.order = order
        quotes.append(quote)
    return quotes


def _deal_of(quote: Quote, deals: list[Deal]) -> str:
    """The deal of the account that was open when the quote was asked for."""
    for deal in deals:
        if deal.account is quote.account and deal.created <= quote.requested <= (deal.closed or CLOSING):
            return deal.number
    return ""


def add_quotes(tables: Tables, quotes: list[Quote]) -> None:
    """Adds quotes and the states they went through."""
    for quote in quotes:
        tables["demo_shop", "quotes"].add(
            quote_no=quote.number,
            account_no=quote.account.number,
            contact_no=quote.contact.number if quote.contact else None,
            rep_no=quote.account.rep_on(quote.requested.date()),
            catalog_code=quote.catalog,
            deal_no=quote.deal,
            origin=quote.origin,
            requested=quote.requested,
            first_response=quote.first("in_review"),
            sent=quote.first("sent"),
            closed=quote.closed,
            expires=quote.expires,
            status=quote.status,
            currency=quote.account.currency,
            base_value=money(quote.base_amount),
            negotiated_value=money(quote.negotiated_amount) if quote.rounds else None,
            rounds=quote.rounds,
            order_no=quote.order.number if quote.order else None,
        )
    events = [(moment, quote.number, place, state, actor, amount)
              for quote in quotes
              for place, (moment, state, actor, amount) in enumerate(quote.events, start=1)]  # fmt: skip
    for moment, quote_no, place, state, actor, amount in sorted(events, key=lambda event: event[:3]):
        tables["demo_shop", "quote_events"].add(
            quote_no=quote_no,
            event_no=place,
            state=state,
            actor=actor,
            occurred=moment,
            offered=money(amount) if amount is not None else None,
        )


def add_approvals(tables: Tables, orders: list[Order], block: Block) -> None:
    """Adds approvals that larger customers' buyers need before an order; some are rejected first."""
    stream = block.stream("approvals")
    numbers = block.numbers("AP-", 80_001, 1000)
    for order in orders:
        account, requester = order.account, order.contact
        if account is None or requester is None or len(account.contacts) < 2 or account.is_planted:
            continue
        limit = APPROVAL_LIMITS.get(account.size)
        if limit is None or order.channel not in ("web_self_service", "web_assisted", "punchout", "edi"):
            continue
        if order.goods_net * PRICE_LIST_RATES[order.currency] <= limit:
            continue
        approver = next(contact for contact in account.contacts[::-1] if contact is not requester)
        hours = stream.lognormal(7, 0.9)
        is_refused_first = stream.chance(0.12)
        for decision in ("rejected", "approved") if is_refused_first else ("approved",):
            decided = order.placed - timedelta(minutes=stream.integer(5, 50))
            if decision == "rejected":
                decided -= timedelta(hours=hours + 20)
            tables["demo_shop", "approvals"].add(
                approval_no=numbers.next(),
                order_no=order.number,
                account_no=account.number,
                requester_contact_no=requester.number,
                contact_no=approver.number,
                rule=f"order above {limit:.0f} PLN",
                amount=money(order.goods_net * (1 if decision == "approved" else stream.uniform(1.05, 1.4))),
                currency=order.currency,
                requested=(decided - timedelta(hours=hours)).replace(microsecond=0),
                decided=decided.replace(microsecond=0),
                decision=decision,
            )
