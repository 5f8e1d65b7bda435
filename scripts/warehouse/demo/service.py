"""The service desk: inquiries and surveys; and the reviews that buyers write in the shop."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from warehouse.demo.accounts import LOST_KEY_ACCOUNT, Account, Contact
from warehouse.demo.assortment import FAULTY_SUPPLIER
from warehouse.demo.fulfilment import Shipment
from warehouse.demo.orders import LOST_AFTER, Order
from warehouse.demo.randomness import Block, Stream, Weighted
from warehouse.demo.tables import Tables, known
from warehouse.demo.timeline import (
    CLOSING,
    FIRST_DAY,
    LAST_DAY,
    any_day,
    later_at_work,
    month_starts,
    next_working_day,
    office_moment,
)

CHANNELS = Weighted({"email": 46, "phone": 28, "web_form": 16, "chat": 10})
TOPICS = Weighted({"delivery": 34, "invoice": 18, "product": 22, "complaint": 14, "account": 12})
SLA_HOURS = {"high": 4, "normal": 8, "low": 24}
NPS_MONTHS = (2, 5, 8, 11)
CONTINUE_MONTHS = (1, 7)


class _Inquiry:
    """An inquiry on its way into the export."""

    def __init__(self, stream: Stream, account: Account, contact: Contact, created: datetime, order_no: str) -> None:
        self.account, self.contact, self.created, self.order_no = account, contact, created, order_no
        self.channel, self.topic = stream.pick_from(CHANNELS), stream.pick_from(TOPICS)
        self.priority = "high" if self.topic == "complaint" else stream.pick(("normal", "normal", "low"))
        self.opened_by = "agent" if stream.chance(0.07) else "customer"
        hours = {"phone": 0.02, "chat": 0.05}.get(self.channel, stream.lognormal(3.2, 1.0))
        self.is_unanswered = stream.chance(0.035)
        self.response = later_at_work(stream, created, hours)
        self.resolved = later_at_work(stream, self.response, stream.lognormal(9.0, 1.1))
        self.number = ""

    @property
    def hours_to_response(self) -> float:
        """Calendar hours until a person answered."""
        return (self.response - self.created).total_seconds() / 3600


def add_service(tables: Tables, accounts: list[Account], orders: list[Order], block: Block) -> None:
    """Adds inquiries and survey responses."""
    inquiries = _make_inquiries(accounts, orders, block)
    for inquiry in inquiries:
        is_answered = not inquiry.is_unanswered
        writes_back = is_answered and inquiry.channel in ("email", "web_form")
        tables["demo_service", "tickets"].add(
            ticket_no=inquiry.number,
            account_no=inquiry.account.number,
            contact_no=inquiry.contact.number,
            order_no=inquiry.order_no,
            channel=inquiry.channel,
            topic=inquiry.topic,
            priority=inquiry.priority,
            opened_by=inquiry.opened_by,
            created=inquiry.created,
            auto_reply=inquiry.created + timedelta(seconds=40) if writes_back else None,
            first_response=known(inquiry.response) if is_answered else None,
            resolved=known(inquiry.resolved) if is_answered else None,
            sla_hours=SLA_HOURS[inquiry.priority],
        )
    _add_surveys(tables, accounts, inquiries, block)


def _make_inquiries(accounts: list[Account], orders: list[Order], block: Block) -> list[_Inquiry]:
    stream = block.stream("inquiries")
    numbers = block.numbers("IQ-", 30_001, 10_000)
    found = list(_about_orders(stream, orders)) + list(_general(stream, accounts))
    found = sorted((i for i in found if i.created <= CLOSING), key=lambda i: (i.created, i.account.number))
    for inquiry in found:
        inquiry.number = numbers.next()
    return found


def _about_orders(stream: Stream, orders: list[Order]) -> Iterator[_Inquiry]:
    for order in orders:
        if order.account is None or order.contact is None or order.is_test:
            continue
        is_unhappy = order.account.number == LOST_KEY_ACCOUNT and order.day > LOST_AFTER - timedelta(days=90)
        if stream.chance(0.9 if is_unhappy else 0.24):
            created = later_at_work(stream, order.placed, 24 * stream.uniform(0.1, 11))
            if stream.chance(0.12):
                created = created.replace(hour=20 + stream.integer(0, 3))
            inquiry = _Inquiry(stream, order.account, order.contact, created, order.number)
            if is_unhappy:
                inquiry.topic, inquiry.priority, inquiry.is_unanswered = "complaint", "high", False
                inquiry.response = later_at_work(stream, created, 55)
                inquiry.resolved = later_at_work(stream, inquiry.response, 160)
            yield inquiry


def _general(stream: Stream, accounts: list[Account]) -> Iterator[_Inquiry]:
    for account in accounts:
        if account.is_test:
            continue
        for _ in range(stream.poisson({"small": 0.7, "medium": 1.3, "large": 2.4}[account.size])):
            last = account.orders_on[-1] if account.orders_on else LAST_DAY
            day = next_working_day(any_day(stream, max(account.came_on, FIRST_DAY), max(last, FIRST_DAY)))
            yield _Inquiry(stream, account, stream.pick(account.buyers_on(day)), office_moment(stream, day), "")


def _add_surveys(tables: Tables, accounts: list[Account], inquiries: list[_Inquiry], block: Block) -> None:
    stream = block.stream("surveys")
    numbers = block.numbers("SV-", 100_001, 10_000)
    found: list[tuple[datetime, str, Account, Contact, str, int]] = []
    for account in accounts:
        if not account.is_test and account.orders_on:
            mood = stream.normal(8.4, 1.2)
            found += _relationship_surveys(stream, account, mood)
    for inquiry in inquiries:
        if not inquiry.is_unanswered and stream.chance(0.55):
            sent = later_at_work(stream, inquiry.resolved, 20)
            score = stream.normal(4.5 if inquiry.hours_to_response < 8 else 3.6, 0.8)
            found.append((sent, "csat", inquiry.account, inquiry.contact, inquiry.number, _clipped(score, 1, 5)))
    for sent, survey, account, contact, inquiry_no, score in sorted(found, key=lambda f: (f[0], f[3].number, f[1])):
        if sent > CLOSING:
            continue
        responded = sent + timedelta(hours=stream.lognormal(14, 1.0)) if stream.chance(0.40) else None
        responded = known(responded.replace(microsecond=0)) if responded else None
        tables["demo_service", "surveys"].add(
            response_no=numbers.next(),
            survey=survey,
            account_no=account.number,
            contact_no=contact.number,
            ticket_no=inquiry_no,
            score=score if responded else None,
            sent=sent,
            answered=responded,
        )


def _relationship_surveys(
    stream: Stream, account: Account, mood: float
) -> Iterator[tuple[datetime, str, Account, Contact, str, int]]:
    """NPS four times and willingness to continue twice a year, while the account buys."""
    first, last = account.orders_on[0], account.orders_on[-1] + timedelta(days=90)
    for month in month_starts():
        day = next_working_day(date(month.year, month.month, 15))
        if not first <= day <= min(last, LAST_DAY):
            continue
        is_unhappy = account.number == LOST_KEY_ACCOUNT and day > LOST_AFTER - timedelta(days=180)
        for contact in account.buyers_on(day):
            moment = datetime(day.year, day.month, day.day, 10, 0) + timedelta(seconds=stream.integer(0, 900))
            if month.month in NPS_MONTHS and stream.chance(0.6):
                score = stream.integer(1, 4) if is_unhappy else _clipped(stream.normal(mood, 1.3), 0, 10)
                yield moment, "nps", account, contact, "", score
            if month.month in CONTINUE_MONTHS and stream.chance(0.5) and account.size != "small":
                score = 2 if is_unhappy else _clipped(stream.normal(mood / 2, 0.7), 1, 5)
                yield moment, "willingness", account, contact, "", score


def _clipped(score: float, low: int, high: int) -> int:
    return min(high, max(low, round(score)))


def add_reviews(tables: Tables, shipments: list[Shipment], block: Block) -> None:
    """Adds reviews of delivered goods; those of the faulty supplier's goods are worse."""
    stream = block.stream("reviews")
    numbers = block.numbers("RV-", 10_001, 1000)
    found = []
    for shipment in shipments:
        order, product = shipment.order, shipment.line.product
        if product is None or order.account is None or order.contact is None or not stream.chance(0.055):
            continue
        created = later_at_work(stream, shipment.delivered, 24 * stream.uniform(1, 25))
        rating = _clipped(stream.normal(2.9 if product.supplier == FAULTY_SUPPLIER else 4.3, 0.9), 1, 5)
        if created <= CLOSING:
            found.append((created, product.sku, order, rating))
    for created, sku, order, rating in sorted(found, key=lambda review: (review[0], review[1], review[2].number)):
        if order.account and order.contact:
            tables["demo_service", "reviews"].add(
                review_no=numbers.next(),
                sku=sku,
                account_no=order.account.number,
                contact_no=order.contact.number,
                order_no=order.number,
                score=rating,
                reviewed=created,
                status="published" if stream.chance(0.93) else "pending",
            )
