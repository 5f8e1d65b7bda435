"""What the demo shop's web tracker reports: visits that browse, visits that order, robots and staff."""

import random
from datetime import datetime, timedelta

from warehouse.demo.crm import Account
from warehouse.demo.tables import FIRST_DAY, LAST_DAY, SEASON, Row, office_moment, stream, utc
from warehouse.demo.trade import PlacedOrder, Product

# source, medium, share of visits
TRAFFIC = [
    ("google", "organic", 34), ("bing", "organic", 5), ("google", "cpc", 14), ("newsletter", "email", 9),
    ("partner", "referral", 7), ("", "", 31),
]  # fmt: skip
KEYWORDS = ["workplace supplies", "pallet rack price", "safety gloves bulk", "office chair wholesale", "label printer"]
# page views after the landing page: share of visits that end at once, and mean number of pages otherwise
DEPTH = {"": (0.55, 2.0), "small": (0.45, 2.2), "medium": (0.35, 3.0), "large": (0.25, 3.8)}
BROWSING_VISITS = 8200
ROBOTS = ["Googlebot/2.1", "AhrefsBot/7.0", "bingbot/2.0"]


class Tracker:
    """Collects events, numbering them as they are added."""

    def __init__(self, products: list[Product]) -> None:
        self.products = products
        self.events: list[Row] = []
        self._source = stream("web")

    def event(self, moment: datetime, name: str, visitor: str, **columns: object) -> Row:
        """Adds one event at a local moment. Columns not given are empty."""
        row: Row = {
            "event_id": f"e{len(self.events) + 1:06d}",
            "visitor_id": visitor,
            "contact_no": "",
            "occurred": utc(moment),
            "received": "",
            "event": name,
            "path": "",
            "page_kind": "",
            "source": "",
            "medium": "",
            "campaign": "",
            "keyword": "",
            "device": "",
            "country": "",
            "sku": "",
            "cart_id": "",
            "order_no": "",
            "engaged_ms": "",
            "load_ms": "",
            "user_agent": "",
        }
        unknown = set(columns) - set(row)
        if unknown:
            raise KeyError(f"the tracker has no column {unknown}")
        row.update(columns)
        self.events.append(row)
        return row

    def landing(self, moment: datetime, visitor: str, country: str, path: str = "/", page_kind: str = "home") -> None:
        """Adds the first page view of a visit, with where it came from."""
        source = self._source
        name, medium, _ = source.choices(TRAFFIC, [share for *_, share in TRAFFIC])[0]
        self.event(
            moment,
            "page_view",
            visitor,
            path=path,
            page_kind=page_kind,
            source=name,
            medium=medium,
            campaign="autumn" if medium == "cpc" else "",
            keyword=source.choice(KEYWORDS) if medium == "cpc" else "",
            device=source.choices(["desktop", "mobile", "tablet"], [70, 24, 6])[0],
            country=country,
            load_ms=int(source.lognormvariate(6.9, 0.5)),
            user_agent="Mozilla/5.0",
        )

    def browsing_visit(self, moment: datetime, visitor: str, country: str, size: str, contact: str = "") -> datetime:
        """A visit without an order. Returns when it ended."""
        source = self._source
        self.landing(moment, visitor, country)
        ends_at_once, mean_pages = DEPTH[size]
        if source.random() < ends_at_once:
            return moment
        has_cart = False
        for page in range(1 + int(source.expovariate(1 / mean_pages))):
            moment = self._later(moment)
            known = contact if page else ""
            if source.random() < 0.55:
                sku = source.choice(self.products).sku
                self.event(moment, "product_view", visitor, path=f"/p/{sku}", page_kind="product", sku=sku,
                           contact_no=known, engaged_ms=self._engaged())  # fmt: skip
                if not has_cart and source.random() < 0.06:
                    has_cart = True
                    moment = self._later(moment)
                    self.event(moment, "add_to_cart", visitor, sku=sku, cart_id=f"k{visitor}", contact_no=known)
            else:
                kind = source.choice(["category", "category", "article", "search", "video", "quote"])
                self.event(moment, "page_view", visitor, path=f"/{kind}", page_kind=kind, contact_no=known,
                           engaged_ms=self._engaged(), load_ms=int(source.lognormvariate(6.7, 0.5)))  # fmt: skip
        return moment

    def ordering_visit(self, order: PlacedOrder) -> None:
        """The visit that an order came from; the purchase is reported at the moment of the order."""
        source = self._source
        visitor, contact = order.visitor, order.contact
        country = order.account.country if order.account else ""
        steps = [("login", "", "account"), *[("product_view", sku, "product") for sku in order.skus[:3]]]
        steps += [("add_to_cart", order.skus[0], "product"), ("checkout_start", "", "checkout")]
        gaps = [source.uniform(15, 110) for _ in range(len(steps) + 1)]
        moment = order.placed - timedelta(seconds=sum(gaps))
        self.landing(moment, visitor, country)
        for (name, sku, kind), gap in zip(steps, gaps, strict=False):
            moment += timedelta(seconds=gap)
            self.event(moment, name, visitor, contact_no=contact, sku=sku, page_kind=kind,
                       cart_id=f"k{order.number[3:]}" if kind in ("checkout",) or name == "add_to_cart" else "",
                       engaged_ms=self._engaged())  # fmt: skip
        self.event(order.placed, "purchase", visitor, contact_no=contact, page_kind="checkout",
                   cart_id=f"k{order.number[3:]}", order_no=order.number)  # fmt: skip

    def _later(self, moment: datetime) -> datetime:
        return moment + timedelta(seconds=self._source.lognormvariate(3.6, 0.8))

    def _engaged(self) -> int:
        return int(self._source.lognormvariate(9.2, 0.7))


def traffic(accounts: list[Account], orders: list[PlacedOrder], products: list[Product]) -> Tracker:
    """All visits of the two years: those behind web orders, those of buyers and strangers who browse, and robots."""
    tracker = Tracker(products)
    source = stream("visits")
    for order in orders:
        if order.visitor:
            tracker.ordering_visit(order)
        elif order.channel in ("phone", "email", "sales_rep") and order.account and source.random() < 0.5:
            _research_before(tracker, source, order)
    buyers = [account for account in accounts if account.first_order_on and not account.is_test]
    for number in range(BROWSING_VISITS):
        moment = _visit_moment(source)
        account = source.choice(buyers) if source.random() < 0.3 else None
        if account and account.first_order_on and moment.date() >= account.first_order_on:
            contact = source.choice(account.contacts[:3])
            known = contact if account.has_login else ""
            tracker.browsing_visit(moment, f"v{contact[1:]}", account.country, account.size, known)
        else:
            country = source.choice(["PL", "PL", "PL", "DE", "CZ", "US"])
            tracker.browsing_visit(moment, f"n{number:05d}", country, "")
    for number in range(150):
        agent = source.choice(ROBOTS)
        tracker.event(_visit_moment(source), "page_view", f"r{number % 9}", path="/category", page_kind="category",
                      country="US", user_agent=agent)  # fmt: skip
    return tracker


def experiment_rows(tracker: Tracker) -> list[Row]:
    """A test of a new checkout from 1 June 2026: half of the visitors see it, by the number in their id."""
    first_seen: dict[str, str] = {}
    for event in tracker.events:
        visitor, occurred = str(event["visitor_id"]), str(event["occurred"])
        if occurred >= "2026-06-01" and visitor[:1] in ("v", "n") and visitor[1:].isdigit():
            first_seen[visitor] = min(occurred, first_seen.get(visitor, occurred))
    return [
        {
            "experiment": "checkout-2026",
            "variant": "new" if int(visitor[1:]) % 2 else "control",
            "unit_kind": "visitor",
            "unit": visitor,
            "assigned": occurred,
        }
        for visitor, occurred in sorted(first_seen.items())
    ]


def _research_before(tracker: Tracker, source: random.Random, order: PlacedOrder) -> None:
    moment = order.placed - timedelta(days=source.uniform(0.5, 12))
    account = order.account
    if account and account.has_login and moment.date() >= FIRST_DAY:
        tracker.browsing_visit(moment, f"v{order.contact[1:]}", account.country, account.size, order.contact)


def _visit_moment(source: random.Random) -> datetime:
    """A moment of a visit: more of them lately, in strong months and on working days."""
    while True:
        day = FIRST_DAY + timedelta(days=int((LAST_DAY - FIRST_DAY).days * source.random() ** 0.8))
        weight = SEASON[day.month] / 1.3 * (0.25 if day.weekday() >= 5 else 1)
        if source.random() < weight:
            return office_moment(source, day)
