"""What the shop's web tracker reports: visits that browse, visits that order or ask for a quote, robots and staff.

Times are UTC. The tracker sends device, country, browser and where a visit came from with its first hit only, and when
an event was received only if that was more than a minute after it happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.accounts import Account, Contact, Habit
from warehouse.demo.assortment import CATEGORIES, Assortment
from warehouse.demo.marketing import AUTUMN_PUSH, BRAND_KEYWORDS, KEYWORDS, NEWSLETTER_DAYS, newsletter_number
from warehouse.demo.orders import OFFLINE, Order, visitor_of
from warehouse.demo.quotes import Quote
from warehouse.demo.randomness import Block, Floats, Integers, Stream, Weighted
from warehouse.demo.tables import COLUMNS, Tables
from warehouse.demo.timeline import (
    CLOSING,
    DAYS,
    FIRST_DAY,
    LAST_DAY,
    SEASON,
    Moments,
    office_moment,
    utc_from_local,
    utc_text,
)

Texts = NDArray[np.object_]

# What the tracker can report: event, kind of page, path.
KINDS: tuple[tuple[str, str, str], ...] = (
    ("page_view", "home", "/"), ("page_view", "category", "/c"), ("page_view", "product", "/p"),
    ("page_view", "article", "/blog"), ("page_view", "search", "/s"), ("page_view", "account", "/me"),
    ("page_view", "cart", "/cart"), ("page_view", "quote", "/quote"), ("page_view", "video", "/tv"),
    ("product_view", "product", "/p"), ("cta_click", "category", "/c"), ("video_play", "video", "/tv"),
    ("page_ping", "product", "/p"), ("add_to_cart", "product", "/p"), ("checkout_start", "checkout", "/checkout"),
    ("login", "account", "/me"), ("purchase", "checkout", "/checkout"), ("quote_request", "quote", "/quote"),
)  # fmt: skip
KIND = {f"{event} {page}": number for number, (event, page, _) in enumerate(KINDS)}
PAGE_VIEWS = [number for number, (event, _, _) in enumerate(KINDS) if event == "page_view"]
ON_PRODUCT = [number for number, (_, page, _) in enumerate(KINDS) if page == "product"]
ON_CATEGORY = [number for number, (_, page, _) in enumerate(KINDS) if page == "category"]

LANDINGS = {"page_view home": 38, "page_view category": 26, "page_view product": 24, "page_view article": 12}
STEPS = {
    "product_view product": 34, "page_view category": 22, "page_view product": 4, "page_view search": 8,
    "page_ping product": 9, "cta_click category": 6, "page_view article": 6, "video_play video": 3,
    "page_view video": 2, "page_view home": 3, "page_view quote": 3,
}  # fmt: skip

# Groups of visitors: unknown ones, and those of small, medium and large accounts.
GROUPS = ("unknown", "small", "medium", "large")
BOUNCES = np.array([0.60, 0.45, 0.35, 0.25])
MORE_EVENTS = np.array([1.2, 1.2, 2.0, 2.9])
GAP_SECONDS = np.array([28.0, 38.0, 50.0, 64.0])
VISITS_PER_YEAR = {"small": 33.0, "medium": 15.0, "large": 9.0}
UNKNOWN_VISITORS = 2750
# A first part of the visits that are drawn falls on quiet days and is dropped again.
THINNING = 1.75

# Where visits come from: source, medium, referrer, weight for unknown visitors, weight for known ones.
ORIGINS: tuple[tuple[str, str, str, int, int], ...] = (
    ("google", "organic", "www.google.com", 38, 24), ("bing", "organic", "www.bing.com", 6, 4),
    ("google", "cpc", "", 19, 9), ("newsletter", "email", "", 0, 12), ("", "", "", 28, 44),
    ("branzowy", "referral", "branzowy.example", 4, 4), ("partner", "referral", "partner.example", 3, 3),
    ("linkedin", "paid_social", "", 2, 1),
)  # fmt: skip
ORGANIC, PAID, EMAIL, SOCIAL = (0, 1), 2, 3, 7
DEVICES = {"desktop": 72, "mobile": 23, "tablet": 5}
BROWSERS = {"Chrome/126": 55, "Edge/125": 20, "Firefox/128": 13, "Safari/17": 12}
ROBOTS = ("Googlebot/2.1", "AhrefsBot/7.0", "bingbot/2.0", "python-requests/2.3")

EXPERIMENT = "one_page_checkout"
EXPERIMENT_STARTS, EXPERIMENT_ENDS = date(2025, 10, 6), date(2026, 7, 31)
# Of the visitors in the experiment who buy, the share that saw the old checkout.
CONTROL_SHARE_OF_BUYERS = 0.38
NULL_EXPERIMENT = "wide_search_box"
DUPLICATES = 25

CARTS = {"none": 0.865, "cart": 0.105, "checkout": 0.03}


@dataclass
class _Visits:
    """Visits that are drawn, one list entry a visit; times are local."""

    visitors: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    starts: list[datetime] = field(default_factory=list)
    researches: list[bool] = field(default_factory=list)

    def add(self, visitor: str, contact: str, group: int, country: str, start: datetime, researches: bool) -> None:
        self.visitors.append(visitor)
        self.contacts.append(contact)
        self.groups.append(group)
        self.countries.append(country)
        self.starts.append(start)
        self.researches.append(researches)


@dataclass
class _Events:
    """Events of one block, shape (n,) each; -1 or the empty string is null."""

    visitor: Texts
    contact: Texts
    moment: Moments
    kind: Integers
    product: Integers
    cart: Texts
    order: Texts
    quote: Texts
    engaged_ms: Integers
    load_ms: Integers
    is_first: NDArray[np.bool_]
    group: Integers
    country: Texts
    agent: Texts
    is_bot: NDArray[np.bool_]
    keyword: Integers
    origin: Integers

    def __len__(self) -> int:
        return len(self.kind)


def add_web(
    tables: Tables,
    accounts: list[Account],
    orders: list[Order],
    quotes: list[Quote],
    assortment: Assortment,
    block: Block,
) -> None:
    """Adds a block's web events in the order of their arrival, and who saw which variant of the experiments."""
    visits = _draw_visits(accounts, orders, block)
    parts = [
        _browse(visits, assortment, block),
        _anchored(orders, quotes, assortment, block),
        _robots(block),
    ]
    if block.is_first:
        parts.append(_oddities())
    events = _joined(parts)
    events = _taken(events, np.argsort(events.moment, kind="stable"))
    _add_events(tables, events, assortment, block)
    _add_experiments(tables, events, accounts, block)


# --- visits ------------------------------------------------------------------------------------------------------


def _draw_visits(accounts: list[Account], orders: list[Order], block: Block) -> _Visits:
    visits = _Visits()
    stream = block.stream("visits")
    for account in accounts:
        if account.habit is Habit.ORDINARY:
            _add_ordinary_visits(visits, account, stream)
    _add_visits_before_orders(visits, orders, block.stream("visits before orders"))
    _add_unknown_visitors(visits, block)
    return visits


def _add_ordinary_visits(visits: _Visits, account: Account, stream: Stream) -> None:
    """Visits all the while an account is around; prospects look for three months."""
    first = max(account.came_on, FIRST_DAY)
    last = LAST_DAY
    if account.first_order_on is None:
        last = min(LAST_DAY, first + timedelta(days=90))
    elif account.orders_on:
        last = min(LAST_DAY, account.orders_on[-1] + timedelta(days=60))
    days = max(0, (last - first).days)
    expected = VISITS_PER_YEAR[account.size] * days / 365 * THINNING
    for _ in range(_count(stream, expected)):
        day = first + timedelta(days=int(days * stream.random()))
        contact = stream.pick(account.buyers_on(day))
        start = office_moment(stream, day)
        if not stream.chance(_liveliness(day)) or start > CLOSING - timedelta(hours=2):
            continue
        mobile = contact.has_mobile and stream.chance(0.35)
        _add_visit(visits, account, contact, start, mobile=mobile)


def _count(stream: Stream, expected: float) -> int:
    return max(0, round(stream.normal(expected, expected**0.5))) if expected > 12 else stream.poisson(expected)


def _liveliness(day: date) -> float:
    """Visits on a day relative to the busiest one."""
    return SEASON[day.month] / 1.22 * (0.22 if day.weekday() >= 5 else 1.0)


def _add_visit(
    visits: _Visits, account: Account, contact: Contact, start: datetime, mobile: bool = False, researches: bool = False
) -> None:
    group = GROUPS.index(account.size) if contact.has_login else 0
    who = contact.number if contact.has_login else ""
    visits.add(visitor_of(contact, mobile), who, group, account.country, start, researches)


def _add_visits_before_orders(visits: _Visits, orders: list[Order], stream: Stream) -> None:
    """Buyers look things up before they order: on the web, by phone, by e-mail or through their rep."""
    for order in orders:
        if order.account is None or order.contact is None or order.is_test:
            continue
        habit, contact = order.account.habit, order.contact
        if habit is Habit.LOOKS_LONG_BEFORE:
            _add_visit(visits, order.account, _main(order.account), _before(stream, order, 34, 44), researches=True)
        elif habit is Habit.RESEARCHES:
            _add_visit(visits, order.account, _main(order.account), _before(stream, order, 2, 25), researches=True)
        elif habit is Habit.ORDINARY and contact.has_login:
            is_offline = order.channel in OFFLINE
            for _ in range(stream.pick((1, 1, 2))):
                if stream.chance(0.40 if is_offline else 0.25):
                    _add_visit(visits, order.account, contact, _before(stream, order, 1, 26), researches=True)


def _main(account: Account) -> Contact:
    return account.contacts[0]


def _before(stream: Stream, order: Order, fewest: int, most: int) -> datetime:
    """Office hours of a working day some days before an order; there is no tracker before the first day."""
    day = max(FIRST_DAY, order.day - timedelta(days=stream.integer(fewest, most)))
    return office_moment(stream, day - timedelta(days=max(0, day.weekday() - 4)))


def _add_unknown_visitors(visits: _Visits, block: Block) -> None:
    """People whom the tracker never gets to know; most come once."""
    stream = block.stream("unknown visitors")
    countries = Weighted({"PL": 60, "DE": 12, "CZ": 8, "SK": 5, "LT": 4, "NL": 3, "US": 8})
    numbers = block.numbers("n", 10_001, 10_000)
    for _ in range(round(UNKNOWN_VISITORS * block.share)):
        visitor, country = numbers.next(), stream.pick_from(countries)
        for _ in range(1 if stream.chance(0.72) else stream.integer(2, 4)):
            day = FIRST_DAY + timedelta(days=int(DAYS * stream.random() ** 0.8))
            hours = 6 + 8.5 * (stream.random() + stream.random())
            start = datetime(day.year, day.month, day.day) + timedelta(seconds=int(hours * 3600))
            if stream.chance(_liveliness(day)) and start < CLOSING - timedelta(hours=2):
                visits.add(visitor, "", 0, country, start, False)


# --- events of visits that browse ----------------------------------------------------------------------------------


def _browse(visits: _Visits, assortment: Assortment, block: Block) -> _Events:
    """Events of all drawn visits at once."""
    stream = block.stream("browsing")
    count = len(visits.visitors)
    group = np.array(visits.groups, dtype=np.int64)
    researches = np.array(visits.researches, dtype=bool)
    has_contact = np.array([bool(contact) for contact in visits.contacts])
    origin, keyword = _origins(stream, group)

    factor = np.where(keyword >= 0, np.array([k[2] for k in KEYWORDS])[keyword], 1.0)
    bounces = (stream.uniforms(count) < BOUNCES[group] * factor) & ~researches
    logs_in = has_contact & ~bounces & ((stream.uniforms(count) < 0.55) | researches)
    wish = stream.pick_indexes(count, list(CARTS.values())) * ~bounces
    suffix = np.array([0, 2, 4])[wish]
    more = np.floor(-np.log(1 - stream.uniforms(count)) * MORE_EVENTS[group]).astype(np.int64)
    length = np.where(bounces, 1, 2 + np.minimum(more, 12) + logs_in + suffix + researches)

    visit = np.repeat(np.arange(count), length)
    first = np.cumsum(length) - length
    position = np.arange(len(visit)) - first[visit]
    from_end = length[visit] - 1 - position

    kind = _codes(STEPS)[stream.pick_indexes(len(visit), list(STEPS.values()))]
    landing = _codes(LANDINGS)[stream.pick_indexes(count, list(LANDINGS.values()))]
    kind = np.where(position == 0, landing[visit], kind)
    kind = np.where(researches[visit] & (position == 2), KIND["product_view product"], kind)
    kind = np.where(logs_in[visit] & (position == 1), KIND["login account"], kind)
    kind = _with_cart_steps(kind, wish[visit], from_end)

    weights = [product.demand + 0.01 for product in assortment.products]
    product = stream.pick_indexes(len(visit), weights)
    wanted = stream.pick_indexes(count, weights)
    product = np.where((wish[visit] > 0) & (from_end < 4), wanted[visit], product)

    median = GAP_SECONDS[group][visit] * np.where(kind == KIND["page_ping product"], 0.5, 1.0)
    gap = np.clip(median * np.exp(0.8 * stream.normals(len(visit))), 3.0, 1500.0)
    gap[position == 0] = 0.0
    until = np.cumsum(gap)
    offset = until - until[first][visit]
    start = utc_from_local(np.array(visits.starts, dtype="datetime64[ms]"))
    start = start + stream.integers(count, 1000).astype("timedelta64[ms]")

    has_cart = (wish[visit] > 0) & (from_end < np.array([0, 1, 3])[wish[visit]])
    carts = np.array([f"b{block.index * 100_000 + number}" for number in range(count)], dtype=object)
    return _Events(
        visitor=_text(visits.visitors)[visit],
        contact=np.where(logs_in[visit] & (position > 0), _text(visits.contacts)[visit], ""),
        moment=start[visit] + (offset * 1000).astype("timedelta64[ms]"),
        kind=kind,
        product=np.where(np.isin(kind, ON_PRODUCT), product, -1),
        cart=np.where(has_cart, carts[visit], ""),
        order=_blank(len(visit)),
        quote=_blank(len(visit)),
        engaged_ms=_engaged(stream, gap, from_end == 0, kind),
        load_ms=_load_times(stream, kind),
        is_first=position == 0,
        group=group[visit],
        country=_text(visits.countries)[visit],
        agent=_blank(len(visit)),
        is_bot=np.zeros(len(visit), dtype=bool),
        keyword=np.where(position == 0, keyword[visit], -1),
        origin=np.where(position == 0, origin[visit], -1),
    )


def _origins(stream: Stream, group: Integers) -> tuple[Integers, Integers]:
    """Where visits came from and, for search, the keyword; -1 when the search engine hides it. Shape (visits,)."""
    count = len(group)
    unknown = stream.pick_indexes(count, [origin[3] for origin in ORIGINS])
    known = stream.pick_indexes(count, [origin[4] for origin in ORIGINS])
    origin = np.where(group == 0, unknown, known)
    keyword = stream.pick_indexes(count, [keyword[1] for keyword in KEYWORDS])
    shows = np.where(np.isin(origin, ORGANIC), stream.uniforms(count) < 0.6, origin == PAID)
    return origin, np.where(shows, keyword, -1)


def _codes(weights: dict[str, int]) -> Integers:
    return np.array([KIND[name] for name in weights], dtype=np.int64)


def _with_cart_steps(kind: Integers, wish: Integers, from_end: Integers) -> Integers:
    """Ends visits that fill a cart with looking at an item, adding it and, for some, going to the checkout."""
    last_steps = {
        1: ["add_to_cart product", "product_view product"],
        2: ["checkout_start checkout", "page_view cart", "add_to_cart product", "product_view product"],
    }
    for number, steps in last_steps.items():
        for distance, step in enumerate(steps):
            kind = np.where((wish == number) & (from_end == distance), KIND[step], kind)
    return kind


def _engaged(stream: Stream, gap: Floats, is_last: NDArray[np.bool_], kind: Integers) -> Integers:
    """Milliseconds in the foreground: most of the time until the next event, for pages and items only."""
    until_next = np.append(gap[1:], 0.0)
    seconds = np.where(
        is_last, 0.6 + 9.0 * stream.uniforms(len(gap)), until_next * (0.45 + 0.5 * stream.uniforms(len(gap)))
    )
    reports = np.isin(kind, [*PAGE_VIEWS, KIND["product_view product"], KIND["page_ping product"]])
    return np.where(reports, (seconds * 1000).astype(np.int64), -1)  # fmt: skip


def _load_times(stream: Stream, kind: Integers) -> Integers:
    """Milliseconds to load, for page views only."""
    milliseconds = 780 * np.exp(0.45 * stream.normals(len(kind)))
    return np.where(np.isin(kind, PAGE_VIEWS), milliseconds.astype(np.int64), -1)


# --- visits that end in an order or a request for a quote ----------------------------------------------------------


@dataclass
class _Step:
    """One event of a visit that leads to an order or a quote."""

    visitor: str
    contact: str
    group: int
    country: str
    anchor: datetime
    seconds_before: float
    kind: str
    product: int = -1
    cart: str = ""
    order: str = ""
    quote: str = ""
    is_first: bool = False


def _anchored(orders: list[Order], quotes: list[Quote], assortment: Assortment, block: Block) -> _Events:
    stream = block.stream("ordering visits")
    steps: list[_Step] = []
    for order in orders:
        if order.visitor and order.contact and order.account:
            steps += _ordering_steps(stream, order)
    for quote in quotes:
        if quote.origin == "web" and quote.contact and quote.contact.has_login:
            steps += _asking_steps(stream, quote, assortment)
    return _events_of(steps, block)


def _ordering_steps(stream: Stream, order: Order) -> list[_Step]:
    """The visit in which an order is placed; one cart in five was filled on an earlier day."""
    goods = [line.product.position for line in order.lines if line.product]
    cart = f"k{order.number[3:]}"
    filling = [("product_view product", item) for item in goods[:4]] + [("add_to_cart product", i) for i in goods[:2]]
    filling.sort(key=lambda step: goods.index(step[1]))
    steps: list[_Step] = []
    is_saved = stream.chance(0.2) and order.day > FIRST_DAY + timedelta(days=6)
    if is_saved:
        earlier = office_moment(stream, order.day - timedelta(days=stream.integer(1, 5)))
        steps += _visit_steps(stream, order, earlier, [*filling, ("page_view cart", -1)], cart)
        filling = []
    ending = [("page_view cart", -1), ("checkout_start checkout", -1), ("purchase checkout", -1)]
    return steps + _visit_steps(stream, order, order.placed, [*filling, *ending], cart)


def _visit_steps(
    stream: Stream, order: Order, anchor: datetime, wanted: Sequence[tuple[str, int]], cart: str
) -> list[_Step]:
    account, contact = order.account, order.contact
    if account is None or contact is None:
        return []
    path = [("page_view home", -1), ("login account", -1), *wanted]
    pace = float(GAP_SECONDS[GROUPS.index(account.size)])
    gaps = [stream.lognormal(pace, 0.5) for _ in path[1:]]
    return [
        _Step(
            visitor=order.visitor,
            contact=contact.number if number else "",
            group=GROUPS.index(account.size),
            country=account.country,
            anchor=anchor,
            seconds_before=sum(gaps[number:]),
            kind=kind,
            product=item,
            cart=cart if kind.split()[0] in ("add_to_cart", "checkout_start", "purchase") else "",
            order=order.number if kind.startswith("purchase") else "",
            is_first=number == 0,
        )
        for number, (kind, item) in enumerate(path)
    ]


def _asking_steps(stream: Stream, quote: Quote, assortment: Assortment) -> list[_Step]:
    """The visit in which a quote is asked for, with a cart that becomes the quote."""
    if quote.contact is None:
        return []
    items = [stream.pick_from(assortment.choices[quote.catalog]).position for _ in range(2)]
    path = [("page_view category", -1), ("login account", -1)]
    path += [("product_view product", items[0]), ("add_to_cart product", items[0]), ("product_view product", items[1])]
    path += [("page_view quote", -1), ("quote_request quote", -1)]
    gaps = [stream.lognormal(45, 0.5) for _ in path[1:]]
    return [
        _Step(
            visitor=visitor_of(quote.contact),
            contact=quote.contact.number if number else "",
            group=GROUPS.index(quote.account.size),
            country=quote.account.country,
            anchor=quote.requested,
            seconds_before=sum(gaps[number:]),
            kind=kind,
            product=item,
            cart=f"q{quote.number[2:]}" if kind.split()[0] in ("add_to_cart", "quote_request") else "",
            quote=quote.number if kind.startswith("quote_request") else "",
            is_first=number == 0,
        )
        for number, (kind, item) in enumerate(path)
    ]


def _events_of(steps: list[_Step], block: Block) -> _Events:
    stream = block.stream("ordering visit events")
    count = len(steps)
    group = np.array([step.group for step in steps], dtype=np.int64)
    is_first = np.array([step.is_first for step in steps], dtype=bool)
    kind = np.array([KIND[step.kind] for step in steps], dtype=np.int64)
    before = np.array([step.seconds_before for step in steps])
    anchor = utc_from_local(np.array([step.anchor for step in steps], dtype="datetime64[ms]"))
    origin, keyword = _origins(stream, group)
    until_next = np.append(before[:-1] - before[1:], 0.0).clip(0.0)
    return _Events(
        visitor=_text(step.visitor for step in steps),
        contact=_text(step.contact for step in steps),
        moment=anchor - (before * 1000).astype("timedelta64[ms]"),
        kind=kind,
        product=np.array([step.product for step in steps], dtype=np.int64),
        cart=_text(step.cart for step in steps),
        order=_text(step.order for step in steps),
        quote=_text(step.quote for step in steps),
        engaged_ms=_engaged(stream, np.insert(until_next[:-1], 0, 0.0), before == 0, kind),
        load_ms=_load_times(stream, kind),
        is_first=is_first,
        group=group,
        country=_text(step.country for step in steps),
        agent=_blank(count),
        is_bot=np.zeros(count, dtype=bool),
        keyword=np.where(is_first, keyword, -1),
        origin=np.where(is_first, origin, -1),
    )


# --- robots and oddities -------------------------------------------------------------------------------------------


def _robots(block: Block) -> _Events:
    """Robots that give themselves away by their user agent, and one that only the tracker recognised."""
    stream = block.stream("robots")
    steps, agents, flags = [], [], []
    for _ in range(round(70 * block.share)):
        day = FIRST_DAY + timedelta(days=stream.integer(0, DAYS - 2))
        start = datetime(day.year, day.month, day.day) + timedelta(seconds=stream.integer(0, 86_000))
        robot = stream.integer(0, 8)
        for page in range(stream.integer(2, 9)):
            visitor = f"r{block.index}-{robot}"
            steps.append(_Step(visitor, "", 0, "US", start, -1.5 * page, "page_view category", is_first=page == 0))
            agents.append("Chrome/126" if robot == 8 else ROBOTS[robot % len(ROBOTS)])
            flags.append(robot == 8)
    events = _events_of(steps, Block(block.seed, block.index + 1_000_000))
    events.agent, events.is_bot = _text(agents), np.array(flags, dtype=bool)
    events.origin[:], events.keyword[:] = np.where(events.is_first, 4, -1), -1
    return events


def _oddities() -> _Events:
    """A visit over midnight in Warsaw, and one with a phone that was offline, both by people nobody knows."""
    visits = {
        "v-midnight": (
            datetime(2026, 3, 11, 23, 38),
            {0: "page_view home", 12: "page_view category", 25: "page_view article", 41: "page_view search"},
        ),
        "v-late": (datetime(2026, 4, 14, 9, 30), {0: "page_view home", 4: "page_view article"}),
    }
    steps = [
        _Step(visitor, "", 0, "PL", start, -60.0 * minutes, kind, is_first=minutes == 0)
        for visitor, (start, pages) in visits.items()
        for minutes, kind in pages.items()
    ]
    return _events_of(steps, Block(0, 2_000_000))


# --- the export ----------------------------------------------------------------------------------------------------


def _add_events(tables: Tables, events: _Events, assortment: Assortment, block: Block) -> None:
    """Formats events; rows come in the order in which they were received."""
    stream = block.stream("event rows")
    count = len(events)
    traffic, clicks = _traffic_columns(events, stream)
    late = (stream.uniforms(count) < 0.004) | (events.visitor == "v-late")
    delay = np.where(events.visitor == "v-late", 72.0, 20 + 80 * stream.uniforms(count)) * 3_600_000
    received = events.moment + np.where(late, delay, 0.0).astype("timedelta64[ms]")
    columns = {
        "event_id": [f"e{block.index * 100_000 + number + 1:06d}" for number in range(count)],
        "visitor_id": events.visitor.tolist(),
        "contact_no": events.contact.tolist(),
        "occurred": utc_text(events.moment),
        "received": _where(late, utc_text(received)),
        "event": _look_up([kind[0] for kind in KINDS], events.kind),
        "path": [
            f"{path}?{click}" if click else path for path, click in zip(_paths(events, stream), clicks, strict=True)
        ],
        "page_kind": _look_up([kind[1] for kind in KINDS], events.kind),
        "device": _devices(events, stream),
        "country": _where(events.is_first, events.country.tolist()),
        "sku": _look_up([product.sku for product in assortment.products], events.product),
        "cart_id": events.cart.tolist(),
        "order_no": events.order.tolist(),
        "engaged_ms": _numbers(events.engaged_ms),
        "load_ms": _numbers(events.load_ms),
        "user_agent": _agents(events, stream),
        "quote_no": events.quote.tolist(),
        "is_bot": _where(events.is_bot, ["yes"] * count),
        **traffic,
    }
    rows = list(zip(*(columns[name] for name in COLUMNS["demo_web", "events"]), strict=True))
    arrival = np.argsort(np.where(late, received, events.moment), kind="stable").tolist()
    table = tables["demo_web", "events"]
    begin = len(table.rows)
    table.rows += [rows[number] for number in arrival]
    # a tracker that sent some events twice
    table.rows += table.rows[begin + 1000 : begin + 1000 + round(DUPLICATES * block.share)]


def _paths(events: _Events, stream: Stream) -> list[str]:
    category = stream.integers(len(events), len(CATEGORIES)).tolist()
    kinds, products = events.kind.tolist(), events.product.tolist()
    on_product, on_category = set(ON_PRODUCT), set(ON_CATEGORY)
    return [
        f"/p/{5001 + product}"
        if kind in on_product and product >= 0
        else f"/c/{number + 1}"
        if kind in on_category
        else KINDS[kind][2]
        for kind, product, number in zip(kinds, products, category, strict=True)
    ]


def _devices(events: _Events, stream: Stream) -> list[str]:
    drawn = np.array(list(DEVICES), dtype=object)[stream.pick_indexes(len(events), list(DEVICES.values()))]
    # visitors with a contact's number are a computer, and with an m behind it a phone
    known = np.array(
        ["mobile" if v[-1] == "m" else "desktop" if v[0] == "v" else "" for v in events.visitor], dtype=object
    )
    return _where(events.is_first, np.where(known == "", drawn, known).tolist())  # fmt: skip


def _agents(events: _Events, stream: Stream) -> list[str]:
    drawn = np.array(list(BROWSERS), dtype=object)[stream.pick_indexes(len(events), list(BROWSERS.values()))]
    is_robot = events.agent != ""
    return _where(events.is_first | is_robot, np.where(is_robot, events.agent, drawn).tolist())


def _traffic_columns(events: _Events, stream: Stream) -> tuple[dict[str, list[str]], list[str]]:
    """Where visits came from: mostly tagged, else only by referrer or by the click id that is returned apart."""
    count = len(events)
    draw, campaign_draw = stream.uniforms(count), stream.uniforms(count)
    is_organic, is_paid = np.isin(events.origin, ORGANIC), events.origin == PAID
    is_tagged = ~((is_organic & (draw < 0.15)) | (is_paid & (draw < 0.12)))
    brand = np.isin(events.keyword, BRAND_KEYWORDS)
    month = events.moment.astype("datetime64[M]").astype(int) % 12 + 1
    year = events.moment.astype("datetime64[Y]").astype(int) + 1970
    push = np.select([year == known for known in AUTUMN_PUSH], list(AUTUMN_PUSH.values()), "")
    autumn = np.isin(month, (9, 10, 11)) & (campaign_draw < 0.4)
    paid = np.where(brand, "K01", np.where(autumn, push, np.where(campaign_draw < 0.85, "K02", "K03")))
    issue = np.searchsorted(
        np.array(NEWSLETTER_DAYS, dtype="datetime64[D]"), events.moment.astype("datetime64[D]"), "right"
    )
    letters = np.array(["", *[newsletter_number(number) for number in range(len(NEWSLETTER_DAYS))]], dtype=object)[
        issue
    ]
    campaign = np.where(is_paid, paid, np.where(events.origin == EMAIL, letters, "")).astype(object)
    campaign[events.origin == SOCIAL] = "K05"
    clicks = [f"gclid={number:05x}" for number in (draw * 8_000_000).astype(int).tolist()]
    columns = {
        "source": _where(is_tagged, _look_up([origin[0] for origin in ORIGINS], events.origin)),
        "medium": _where(is_tagged, _look_up([origin[1] for origin in ORIGINS], events.origin)),
        "campaign": _where(is_tagged, campaign.tolist()),
        "keyword": _where(is_tagged, _look_up([keyword[0] for keyword in KEYWORDS], events.keyword)),
        "referrer": _look_up([origin[2] for origin in ORIGINS], events.origin),
    }
    return columns, _where(is_paid & ~is_tagged, clicks)


# --- experiments ---------------------------------------------------------------------------------------------------


def _add_experiments(tables: Tables, events: _Events, accounts: list[Account], block: Block) -> None:
    """Two tests on the same visitors: one that changes who buys, and one that changes nothing."""
    stream = block.stream("experiments")
    starts, ends = np.datetime64(EXPERIMENT_STARTS), np.datetime64(EXPERIMENT_ENDS) + 1
    staff = {contact.number for account in accounts if account.is_test for contact in account.contacts}
    staff_visitors = set(events.visitor[np.isin(events.contact, list(staff))].tolist())
    inside = (events.moment >= starts) & (events.moment < ends) & (events.agent == "")
    seen: dict[str, np.datetime64] = {}
    buyers: set[str] = set()
    is_purchase = events.kind == KIND["purchase checkout"]
    for position in np.flatnonzero(inside).tolist():
        visitor = events.visitor[position]
        if visitor not in staff_visitors:
            seen.setdefault(visitor, events.moment[position])
            if is_purchase[position]:
                buyers.add(visitor)
    in_control = round(CONTROL_SHARE_OF_BUYERS * len(buyers))
    variants = {
        **_split(stream, [visitor for visitor in seen if visitor in buyers], in_control),
        # both variants are seen by as many visitors
        **_split(stream, [visitor for visitor in seen if visitor not in buyers], len(seen) // 2 - in_control),
    }
    unrelated = _split(stream, list(seen), len(seen) // 2)
    table = tables["demo_web", "experiments"]
    for (visitor, _), assigned in zip(seen.items(), utc_text(np.array(list(seen.values()))), strict=True):
        for experiment, variant in ((EXPERIMENT, variants[visitor]), (NULL_EXPERIMENT, unrelated[visitor])):
            table.add(experiment=experiment, variant=variant, unit_kind="visitor", unit=visitor, assigned=assigned)


def _split(stream: Stream, units: list[str], in_control: int) -> dict[str, str]:
    """Variant by unit; the given number is control."""
    shuffled = stream.pick_several(units, len(units))
    control = set(shuffled[:in_control])
    return {unit: "control" if unit in control else "treatment" for unit in units}


# --- arrays --------------------------------------------------------------------------------------------------------


def _joined(parts: list[_Events]) -> _Events:
    names = list(_Events.__dataclass_fields__)
    return _Events(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _taken(events: _Events, order: Integers) -> _Events:
    return _Events(**{name: getattr(events, name)[order] for name in _Events.__dataclass_fields__})


def _text(values: Iterable[str]) -> Texts:
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def _blank(count: int) -> Texts:
    return np.full(count, "", dtype=object)


def _look_up(names: Sequence[str], positions: Integers) -> list[str]:
    """Names by position; -1 is the last, which is empty."""
    return np.array([*names, ""], dtype=object)[positions].tolist()


def _numbers(values: Integers) -> list[str]:
    return ["" if value < 0 else str(value) for value in values.tolist()]


def _where(condition: NDArray[np.bool_], values: list[str]) -> list[str]:
    return [value if holds else "" for holds, value in zip(condition.tolist(), values, strict=True)]
