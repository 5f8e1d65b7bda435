"""Orders and their lines: who orders when, by which channel, what, how much and at which price."""

import bisect
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from warehouse.demo.accounts import (
    CLOCK_CHANGES,
    DEEP_DISCOUNTER,
    LOST_KEY_ACCOUNT,
    NOT_RESEARCHED,
    OVERDUE,
    RESEARCHED,
    SUMMER_PAUSE,
    TESTERS,
    Account,
    Contact,
)
from warehouse.demo.assortment import FREIGHT, PRICE_LIST_RATES, TRIAL_LIST_PRICES, Assortment, Product
from warehouse.demo.randomness import Block, Stream, Weighted
from warehouse.demo.tables import Tables, decimals, money
from warehouse.demo.timeline import (
    CLOSING,
    FIRST_DAY,
    LAST_DAY,
    SEASON,
    days_between,
    later_at_work,
    next_working_day,
    office_moment,
    years_in,
)

CHANNELS = {
    "small": Weighted({
        "web_self_service": 47, "web_assisted": 5, "phone": 24, "email": 20, "sales_rep": 5, "marketplace": 4,
    }),
    "medium": Weighted({
        "web_self_service": 30, "web_assisted": 6, "phone": 17, "email": 19, "sales_rep": 18, "edi": 5, "punchout": 5,
        "marketplace": 2,
    }),
    "large": Weighted({
        "web_self_service": 10, "web_assisted": 6, "phone": 7, "email": 11, "sales_rep": 24, "edi": 25, "punchout": 17,
    }),
}  # fmt: skip
WEB = ("web_self_service", "web_assisted")
OFFLINE = ("phone", "email", "sales_rep")
WITH_REP = (*OFFLINE, "web_assisted")

LINES = {"small": (1, 4), "medium": (2, 6), "large": (3, 10)}
LINE_VALUE = {"small": 420.0, "medium": 900.0, "large": 2300.0}
# Packs of a trial item in one order at its list price: as many for small accounts as for large ones, so that price is
# all that moves the quantity.
TRIAL_QUANTITY = 80.0
TRIAL_SHARE = 0.17

# Orders on the days when clocks change. On the autumn days 02:00 to 03:00 exists twice; on the spring days it does not
# exist, and the shop keeps what a colleague typed in.
CLOCK_CHANGE_ORDERS = {
    datetime(2024, 10, 27, 1, 40): "web_self_service", datetime(2024, 10, 27, 2, 15): "web_self_service",
    datetime(2024, 10, 27, 2, 45): "email", datetime(2024, 10, 27, 23, 10): "marketplace",
    datetime(2025, 3, 30, 1, 50): "web_self_service", datetime(2025, 3, 30, 2, 30): "phone",
    datetime(2025, 3, 30, 3, 5): "web_self_service", datetime(2025, 10, 26, 2, 30): "web_self_service",
    datetime(2025, 10, 26, 3, 20): "email", datetime(2026, 3, 29, 0, 25): "marketplace",
    datetime(2026, 3, 29, 3, 15): "web_self_service",
}  # fmt: skip
LOST_AFTER = date(2025, 11, 10)
# Orders of the account that pauses every summer: one before the first pause, then every four weeks between pauses.
SEASON_STARTS = (date(2024, 9, 27), date(2025, 9, 26))


@dataclass
class Line:
    """A line of an order; amounts in the order's currency.

    Attributes:
        product: the item; none for freight.
        list_price: price that the account's catalog showed.
        price: price after negotiation.
        discount: further discount on the line, as money.
        spare_days: working days that the promise allows beyond what is planned.
        promised: day it was promised for, filled when the shipments are planned; freight has none.
    """

    number: int
    product: Product | None
    quantity: int
    list_price: float
    price: float
    discount: float
    cost: float | None
    spare_days: int = 0
    promised: date | None = None

    @property
    def net(self) -> float:
        """Value after negotiation and line discount."""
        return self.quantity * self.price - self.discount


@dataclass
class Order:
    """An order, whatever its channel; amounts in its currency.

    Attributes:
        account: the company; none for a guest.
        visitor: the tracker's visitor, for web orders.
        from_quote: whether it came from a quote, whose number the quotes fill in.
        cancelled: when it was cancelled, if it was.
        was_shipped: whether a cancelled order had already left the warehouse.
        status: state on the last day, filled when shipments are known.
    """

    number: str
    account: Account | None
    contact: Contact | None
    guest_email: str
    channel: str
    kind: str
    placed: datetime
    currency: str
    catalog: str
    rep: str = ""
    visitor: str = ""
    quote: str = ""
    from_quote: bool = False
    cancelled: datetime | None = None
    was_shipped: bool = False
    is_test: bool = False
    status: str = "pending"
    payment_method: str = "invoice"
    terms: int = 30
    purchase_order: str = ""
    order_discount: float = 0.0
    shipping: float = 0.0
    tax: float = 0.0
    lines: list[Line] = field(default_factory=list)

    @property
    def day(self) -> date:
        """Local day it was placed."""
        return self.placed.date()

    @property
    def goods_net(self) -> float:
        """Value of the lines after all discounts."""
        return sum(line.net for line in self.lines) - self.order_discount

    @property
    def is_sale(self) -> bool:
        """Whether it is charged."""
        return self.kind == "standard"


def make_orders(accounts: list[Account], assortment: Assortment, block: Block) -> list[Order]:
    """All orders of a block, in the order in which they were placed; fills `orders_on` of the accounts."""
    wishes = sorted(_wishes(accounts, block), key=lambda wish: (wish.placed, wish.account.number, wish.guest_email))
    maker = _OrderMaker(assortment, block)
    orders = [maker.make(wish) for wish in wishes]
    for order in orders:
        if order.account:
            order.account.orders_on.append(order.day)
    return orders


@dataclass
class _Wish:
    """That an account orders at a moment, and what is fixed about the order beforehand."""

    account: Account
    placed: datetime
    channel: str = ""
    kind: str = ""
    guest_email: str = ""
    is_test: bool = False


def _wishes(accounts: list[Account], block: Block) -> Iterator[_Wish]:
    stream = block.stream("order moments")
    for account in accounts:
        if account.is_planted:
            yield from _planted_wishes(account, stream)
        else:
            yield from (_Wish(account, moment) for moment in _rhythm(account, stream))
    if block.is_first:
        yield from _special_wishes(accounts)


def _rhythm(account: Account, stream: Stream) -> Iterator[datetime]:
    """When an account orders: fairly regular gaps around its own interval, longer in quiet months.

    After each order a small share of customers is lost; the survivors order a little more often every year.
    """
    day = account.first_order_on
    loss = {"small": 0.030, "medium": 0.018, "large": 0.010}[account.size]
    while day is not None and day <= LAST_DAY:
        works_weekends = stream.chance(0.05)
        moment = office_moment(stream, day if works_weekends else next_working_day(day))
        if moment < CLOSING - timedelta(hours=2):
            yield moment
        if stream.chance(loss):
            return
        day = _after(moment.date(), stream.gamma(6, account.interval_days))


def _business_clock() -> list[float]:
    """Business days' worth of demand from the first day up to each day: more in strong months and every year."""
    days = days_between(FIRST_DAY, LAST_DAY + timedelta(days=400))
    return list(itertools.accumulate(SEASON[day.month] * (1 + 0.12 * years_in(day)) for day in days))


_CLOCK = _business_clock()


def _after(day: date, gap: float) -> date:
    """The day on which a gap of so many average days is over."""
    start = (day - FIRST_DAY).days
    return FIRST_DAY + timedelta(days=max(start + 1, bisect.bisect_left(_CLOCK, _CLOCK[start] + gap)))


def _planted_wishes(account: Account, stream: Stream) -> Iterator[_Wish]:
    first = account.first_order_on or LAST_DAY
    if account.number == OVERDUE:
        # every four weeks; the last time is 43 days before the last day
        days, channels = _every(28, first, date(2026, 8, 6)), ("sales_rep",)
    elif account.number == SUMMER_PAUSE:
        seasons = [day for starts in SEASON_STARTS for day in _every(28, starts, starts + timedelta(days=280))]
        days, channels = [first, *seasons], ("email",)
    elif account.number == LOST_KEY_ACCOUNT:
        days, channels = _every(14, first, LOST_AFTER), ("edi", "sales_rep")
    elif account.number in RESEARCHED:
        days, channels = _every(46, first, LAST_DAY - timedelta(days=3)), ("phone", "email", "sales_rep")
    elif account.number in NOT_RESEARCHED:
        days, channels = _every(77, first, LAST_DAY - timedelta(days=3)), ("phone", "email")
    elif account.number == TESTERS:
        days, channels = _every(90, first, LAST_DAY), ("web_self_service", "phone")
    elif account.number == CLOCK_CHANGES:
        for moment, channel in CLOCK_CHANGE_ORDERS.items():
            yield _Wish(account, moment, channel, "standard")
        return
    else:
        raise ValueError(f"nothing is planted for {account.number}")
    for number, day in enumerate(days):
        yield _Wish(account, office_moment(stream, day), channels[number % len(channels)], "standard")


def _every(days: int, first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(0, (last - first).days + 1, days)]


def _special_wishes(accounts: list[Account]) -> Iterator[_Wish]:
    """Guests, and a few test orders that a colleague placed under a customer's number."""
    regulars = [account for account in accounts if account.size == "small" and account.first_order_on]
    for number in range(8):
        # the last guest is the first one again, who now writes the address with capitals
        email = f"buyer{number}@guest{number}.example" if number < 7 else " Buyer0@Guest0.Example"
        placed = datetime(2025, 3, 10, 13, 5) + timedelta(days=56 * number)
        yield _Wish(regulars[0], placed, "marketplace", "standard", guest_email=email)
    for number in range(3):
        placed = datetime(2025, 6, 2, 16, 40) + timedelta(days=112 * number)
        yield _Wish(regulars[number], placed, "email", "standard", is_test=True)


class _OrderMaker:
    """Turns wishes into orders."""

    def __init__(self, assortment: Assortment, block: Block) -> None:
        self._assortment = assortment
        self._stream = block.stream("orders")
        self._baskets = block.stream("baskets")
        self._prices = block.stream("line prices")
        self._quantities = block.stream("line quantities")
        self._trials = block.stream("price trial quantities")
        self._numbers = block.numbers("SO-", 100_001, 10_000)
        self._bought: dict[str, list[Product]] = {}

    def make(self, wish: _Wish) -> Order:
        stream, account, day = self._stream, wish.account, wish.placed.date()
        is_guest = bool(wish.guest_email)
        channel = wish.channel or stream.pick_from(CHANNELS[account.size])
        contact = self._contact(account, day, channel)
        if channel in WEB and not contact.has_login:
            channel = "email"
        on_mobile = contact.has_mobile and stream.chance(0.2)
        by_card = channel in (*WEB, "marketplace") and account.size == "small" and stream.chance(0.55)
        order = Order(
            number=self._numbers.next(),
            account=None if is_guest else account,
            contact=None if is_guest else contact,
            guest_email=wish.guest_email,
            channel=channel,
            kind=wish.kind or self._kind(channel),
            placed=wish.placed,
            currency=account.currency,
            catalog=account.catalog_on(day),
            rep=account.rep_on(day) if channel in WITH_REP else "",
            visitor=visitor_of(contact, on_mobile) if channel in WEB else "",
            is_test=account.is_test or wish.is_test,
            payment_method="card" if by_card or is_guest else "invoice",
            terms=0 if by_card or is_guest else account.terms,
            purchase_order=f"PO-{stream.integer(10_000, 99_999)}" if account.size == "large" else "",
        )
        if not account.is_planted and not wish.is_test and not is_guest and order.is_sale:
            order.from_quote = channel in WITH_REP and stream.chance(0.20)
            self._maybe_cancel(order)
        order.lines = list(self._lines(order, account))
        self._add_totals(order, account)
        return order

    def _contact(self, account: Account, day: date, channel: str) -> Contact:
        buyers = account.buyers_on(day)
        able = [buyer for buyer in buyers if buyer.has_login] if channel in WEB else buyers
        # the main buyer places most orders
        people = able or buyers
        return people[0] if self._stream.chance(0.55) else self._stream.pick(people)

    def _kind(self, channel: str) -> str:
        if channel not in OFFLINE:
            return "standard"
        draw = self._stream.random()
        return "replacement" if draw < 0.008 else "sample" if draw < 0.018 else "standard"

    def _maybe_cancel(self, order: Order) -> None:
        stream = self._stream
        if not stream.chance(0.024):
            return
        was_shipped = stream.chance(0.25)
        days = stream.uniform(5, 9) if was_shipped else stream.uniform(0.05, 0.9)
        cancelled = later_at_work(stream, order.placed, 24 * days).replace(microsecond=0)
        if cancelled <= CLOSING:
            order.cancelled = cancelled
            order.was_shipped = was_shipped

    def _lines(self, order: Order, account: Account) -> Iterator[Line]:
        stream, rate = self._prices, PRICE_LIST_RATES[order.currency]
        depth, share, extra = self._negotiation(order)
        number = 0
        for number, product in enumerate(self._basket(order, account), start=1):
            list_price = round(self._assortment.price(order.catalog, product, order.day) / rate, 2)
            price = round(list_price * (1 - depth), 2) if order.is_sale else 0.0
            quantity = self._quantity(order, account, product, price * rate)
            has_discount = product.elasticity is None and stream.chance(share) and order.is_sale
            yield Line(
                number=number,
                product=product,
                quantity=quantity,
                list_price=list_price,
                price=price,
                discount=round(quantity * price * extra, 2) if has_discount else 0.0,
                cost=round(self._assortment.cost(product, order.day) / rate, 4),
                spare_days=stream.pick((0, 0, 0, 1, 1)),
            )
        if order.is_sale and stream.chance(0.03):
            price = round(60 / rate, 2)
            yield Line(number + 1, None, 1, price, price, 0.0, None)

    def _negotiation(self, order: Order) -> tuple[float, float, float]:
        """Share taken off all prices, share of lines with a further discount, and how deep that is."""
        stream = self._prices
        is_deep = order.rep == DEEP_DISCOUNTER
        if order.from_quote:
            return (stream.uniform(0.17, 0.27) if is_deep else stream.uniform(0.03, 0.10)), 0.0, 0.0
        if not order.rep:
            return 0.0, 0.03, 0.05
        if is_deep:
            return (stream.uniform(0.14, 0.24) if stream.chance(0.92) else 0.0), 0.15, 0.08
        return (stream.uniform(0.02, 0.06) if stream.chance(0.3) else 0.0), 0.04, 0.05

    def _basket(self, order: Order, account: Account) -> list[Product]:
        stream, assortment = self._baskets, self._assortment
        basket: dict[str, Product] = {}
        history = self._bought.setdefault(account.number, [])
        for _ in range(stream.integer(*LINES[account.size])):
            if history and stream.chance(0.5):
                product = stream.pick(history)
            elif stream.chance(0.6):
                product = stream.pick_from(assortment.by_category[order.catalog, stream.pick(account.favourites)])
            else:
                product = stream.pick_from(assortment.choices[order.catalog])
            is_sold = product.launched <= order.day <= product.ends and assortment.holds(order.catalog, product)
            if is_sold:
                basket[product.sku] = product
                history.append(product)
        for sku in TRIAL_LIST_PRICES:
            if stream.chance(TRIAL_SHARE) or not basket:
                basket[sku] = assortment.by_sku[sku]
        return list(basket.values())

    def _quantity(self, order: Order, account: Account, product: Product, price_in_pln: float) -> int:
        stream = self._quantities
        if not order.is_sale:
            return stream.integer(1, 3)
        if product.elasticity is not None:
            level = price_in_pln / product.list_price
            wanted = TRIAL_QUANTITY * level**product.elasticity * self._trials.lognormal(1.0, 0.12)
        else:
            # of cheap things nobody orders thousands
            wanted = LINE_VALUE[account.size] * stream.lognormal(1.0, 0.45) / max(20.0, product.list_price)
            wanted *= self._assortment.volume(order.catalog, product, order.day)
        return max(1, round(wanted))

    def _add_totals(self, order: Order, account: Account) -> None:
        stream, rate = self._stream, PRICE_LIST_RATES[order.currency]
        has_discount = stream.chance(0.09)
        if has_discount and order.is_sale and not order.from_quote:
            order.order_discount = round(order.goods_net * stream.pick((0.02, 0.03, 0.05)), 2)
        if order.is_sale:
            order.shipping = 0.0 if order.goods_net * rate > 500 else round(18 / rate, 2)
            order.tax = round((order.goods_net + order.shipping) * 0.23, 2) if account.country == "PL" else 0.0


def visitor_of(contact: Contact, on_mobile: bool = False) -> str:
    """The tracker's id of a person's browser; a phone is another visitor."""
    return f"v{contact.number[1:]}{'m' if on_mobile else ''}"


def add_orders(tables: Tables, orders: list[Order]) -> None:
    """Adds orders and order lines."""
    for order in orders:
        tables["demo_shop", "orders"].add(**order_row(order))
        for line in order.lines:
            tables["demo_shop", "order_lines"].add(**line_row(order, line))


def order_row(order: Order) -> dict[str, object]:
    """An order as the shop exports it."""
    return {
        "order_no": order.number,
        "account_no": order.account.number if order.account else None,
        "contact_no": order.contact.number if order.contact else None,
        "guest_email": order.guest_email,
        "rep_no": order.rep,
        "quote_no": order.quote,
        "catalog_code": order.catalog if order.account else "standard",
        "visitor_id": order.visitor,
        "channel": order.channel,
        "order_type": order.kind,
        "status": order.status,
        "placed": order.placed,
        "cancelled": order.cancelled,
        "currency": order.currency,
        "order_discount": money(order.order_discount) if order.order_discount else None,
        "shipping": money(order.shipping),
        "tax": money(order.tax),
        "payment_method": order.payment_method,
        "payment_terms": order.terms,
        "is_test": order.is_test,
        "customer_po": order.purchase_order,
    }


def line_row(order: Order, line: Line) -> dict[str, object]:
    """An order line as the shop exports it."""
    return {
        "order_no": order.number,
        "line_no": line.number,
        "sku": line.product.sku if line.product else FREIGHT,
        "quantity": line.quantity,
        "list_unit_price": money(line.list_price),
        "unit_price": money(line.price),
        "discount": money(line.discount) if line.discount else None,
        "unit_cost": decimals(line.cost, 4) if line.cost is not None else None,
        "promised": line.promised,
    }
