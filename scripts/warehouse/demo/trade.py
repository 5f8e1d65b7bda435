"""Products, orders, order lines and returns of the demo shop, and the exchange rates of its ERP."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from warehouse.demo.crm import CURRENCIES, Account
from warehouse.demo.tables import (
    FIRST_DAY,
    LAST_DAY,
    SEASON,
    Row,
    local,
    money,
    next_working_day,
    office_moment,
    stream,
)

CATEGORIES = {
    "Packaging": (4, 60), "Office supplies": (3, 45), "Cleaning": (6, 80), "Safety wear": (12, 220),
    "Tools": (25, 480), "Storage": (60, 900), "Furniture": (150, 1900), "Electronics": (80, 2600),
}  # fmt: skip
ADJECTIVES = ["Basic", "Plus", "Pro", "Heavy-duty", "Compact", "Eco"]
NOUNS = {
    "Packaging": ["Carton", "Stretch film", "Mailer", "Tape"],
    "Office supplies": ["Binder", "Paper box", "Marker set", "Notebook"],
    "Cleaning": ["Wipes", "Floor cleaner", "Soap refill", "Bin bags"],
    "Safety wear": ["Gloves", "Helmet", "Vest", "Boots"],
    "Tools": ["Drill", "Wrench set", "Cutter", "Measuring laser"],
    "Storage": ["Shelf", "Pallet rack", "Locker", "Trolley"],
    "Furniture": ["Desk", "Chair", "Meeting table", "Cabinet"],
    "Electronics": ["Scanner", "Label printer", "Tablet", "Headset"],
}
BASE_RATES = {"EUR": 4.27, "CZK": 0.171, "USD": 3.88}
CHANNELS = ["web_self_service", "web_assisted", "phone", "email", "sales_rep", "edi", "punchout", "marketplace"]
CHANNEL_WEIGHTS = {
    "small": [36, 4, 26, 24, 6, 0, 0, 4],
    "medium": [24, 6, 20, 22, 18, 4, 4, 2],
    "large": [10, 6, 8, 12, 24, 24, 16, 0],
}
CATALOG_OF_SIZE = {"small": "standard", "medium": "partner", "large": "key-account"}
CATALOG_FACTOR = {"standard": 1.0, "partner": 0.93, "key-account": 0.86}
# Catalogs whose prices were cut: day, new price relative to the old one, and what buyers did to quantities.
PRICE_CUTS = {"partner": (date(2026, 1, 15), 0.92, 1.45), "key-account": (date(2026, 2, 2), 0.94, 1.0)}
# The three best sellers change price every month; their buyers answer with this elasticity.
ELASTICITIES = {0: -1.8, 1: -0.6, 2: 0.0}
MONTHLY_PRICE_STEPS = [1.0, 0.94, 1.06, 0.9, 1.1, 0.97, 1.03, 0.86, 1.14, 0.92, 1.08, 1.02]
DEEP_DISCOUNT_REP = "R09"
CUTOFF = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 18)


@dataclass(frozen=True)
class Product:
    """An item of the shop; prices in PLN."""

    sku: str
    category: str
    list_price: float
    unit_cost: float


@dataclass(frozen=True)
class PlacedOrder:
    """An order as the web generator sees it."""

    number: str
    account: Account | None
    contact: str
    channel: str
    placed: datetime
    visitor: str
    skus: tuple[str, ...]


def make_products(count: int) -> list[Product]:
    """Items with a list price that is typical of their category, and a cost of about two thirds."""
    source = stream("products")
    products = []
    for index in range(count):
        category = list(CATEGORIES)[index % len(CATEGORIES)]
        low, high = CATEGORIES[category]
        price = round(low * (high / low) ** source.random(), 1)
        products.append(Product(f"SKU-{5001 + index}", category, price, round(price * source.uniform(0.5, 0.78), 4)))
    return products


def product_rows(products: list[Product]) -> list[Row]:
    """The shop's item list, with freight as an item that is no sale."""
    source = stream("product rows")
    rows: list[Row] = [
        {
            "sku": product.sku,
            "name": f"{source.choice(ADJECTIVES)} {source.choice(NOUNS[product.category]).lower()} {product.sku[4:]}",
            "category": product.category,
            "kind": "goods",
            "supplier_no": f"S{source.randint(1, 20):02d}",
            "unit_cost": f"{product.unit_cost:.4f}",
            "list_price": money(product.list_price),
            "currency": "PLN",
        }
        for product in products
    ]
    freight = {"sku": "FREIGHT", "name": "Freight", "category": "", "kind": "shipping", "supplier_no": ""}
    return [*rows, {**freight, "unit_cost": "", "list_price": "", "currency": "PLN"}]


def exchange_rate_rows() -> list[Row]:
    """Rates to PLN on every working day, from a week before the first order."""
    source = stream("exchange rates")
    rates = dict(BASE_RATES)
    rows: list[Row] = []
    day = FIRST_DAY - timedelta(days=7)
    while day <= LAST_DAY:
        if day.weekday() < 5:
            for currency in rates:
                rates[currency] *= 1 + source.gauss(0, 0.0035) + 0.01 * (BASE_RATES[currency] / rates[currency] - 1)
                rows.append({"rate_day": day.isoformat(), "currency": currency, "rate": f"{rates[currency]:.6f}"})
        day += timedelta(days=1)
    return rows


def order_moments(account: Account, source: random.Random) -> list[datetime]:
    """When an account orders: gamma-distributed gaps around its own interval, longer in quiet months.

    One customer in forty is lost after each order.
    """
    moments = []
    day = account.first_order_on
    while day is not None and day <= LAST_DAY:
        moments.append(office_moment(source, next_working_day(day)))
        if source.random() < 1 / 40:
            break
        gap = source.gammavariate(5, account.interval_days / 5) / SEASON[day.month]
        day = day + timedelta(days=max(1, round(gap)))
    return [moment for moment in moments if moment <= CUTOFF]


def catalog_factor(catalog: str, day: date) -> float:
    """Catalog price relative to the public list price on a day."""
    cut = PRICE_CUTS.get(catalog)
    return CATALOG_FACTOR[catalog] * (cut[1] if cut and day >= cut[0] else 1.0)


class OrderBook:
    """Collects orders with their lines and returns, numbering them as they are added."""

    def __init__(self, products: list[Product]) -> None:
        self.products = products
        self.orders: list[Row] = []
        self.lines: list[Row] = []
        self.returns: list[Row] = []
        self.placed: list[PlacedOrder] = []
        self._source = stream("orders")
        # some items sell far more than others
        self._demand = [1 / (rank + 3) for rank in range(len(products))]

    def add(self, account: Account, placed: datetime, channel: str = "", **overrides: object) -> Row:
        """Adds an order of an account; `overrides` replace columns of its row. Returns the row."""
        source = self._source
        channel = channel or source.choices(CHANNELS, CHANNEL_WEIGHTS[account.size])[0]
        if channel == "web_self_service" and not account.has_login:
            channel = "email"
        contact = source.choice(account.contacts[:3])
        is_web = channel in ("web_self_service", "web_assisted")
        number = f"SO-{100001 + len(self.orders)}"
        catalog = CATALOG_OF_SIZE[account.size]
        cancelled = placed + timedelta(days=source.uniform(0.1, 3)) if source.random() < 0.02 else None
        age_days = (LAST_DAY - placed.date()).days
        status = "cancelled" if cancelled else ("completed" if age_days > 14 else "processing")
        row: Row = {
            "order_no": number,
            "account_no": account.number,
            "contact_no": contact,
            "guest_email": "",
            "rep_no": account.rep if channel in ("sales_rep", "phone", "email", "web_assisted") else "",
            "quote_no": "",
            "catalog_code": catalog,
            "visitor_id": f"v{contact[1:]}" if is_web else "",
            "channel": channel,
            "order_type": "standard",
            "status": status,
            "placed": local(placed),
            "cancelled": local(cancelled) if cancelled else "",
            "currency": account.currency,
            "order_discount": "",
            "shipping": "",
            "tax": "",
            "payment_method": "invoice" if account.size != "small" or source.random() < 0.6 else "card",
            "payment_terms": account.terms,
            "is_test": "yes" if account.is_test else "no",
        }
        row.update(overrides)
        lines = self._add_lines(row, account, catalog)
        net = sum(float(str(line["quantity"])) * float(str(line["unit_price"])) for line in lines)
        if net > 0 and source.random() < 0.12:
            row["order_discount"] = money(net * source.choice([0.02, 0.03, 0.05]))
        row["shipping"] = money(0 if net > 400 else 18)
        row["tax"] = money(net * 0.23 if account.country == "PL" else 0)
        self.orders.append(row)
        skus = tuple(str(line["sku"]) for line in lines if line["sku"] != "FREIGHT")
        visitor = str(row["visitor_id"])
        self.placed.append(PlacedOrder(number, account, contact, channel, placed, visitor, skus))
        if not cancelled:
            self._maybe_return(row, lines, placed)
        return row

    def _add_lines(self, order: Row, account: Account, catalog: str) -> list[Row]:
        source = self._source
        rate = BASE_RATES.get(account.currency, 1.0)
        lines: list[Row] = []
        wanted = dict.fromkeys(
            source.choices(
                self.products,
                self._demand,
                k=source.choice({"small": [1, 2, 3], "medium": [2, 3, 5], "large": [3, 5, 8]}[account.size]),
            )
        )
        day = order_day(order)
        for product in wanted:
            step = self._price_step(product, day)
            list_price = product.list_price * catalog_factor(catalog, day) * step / rate
            negotiated = list_price * self._negotiated(account)
            spend = {"small": 400, "medium": 900, "large": 2600}[account.size] * source.lognormvariate(0, 0.7)
            answer = step ** ELASTICITIES.get(self.products.index(product), 0.0) * _answer_to_cut(catalog, day)
            quantity = max(1, round(spend * answer / product.list_price))
            is_free = order["order_type"] in ("replacement", "sample")
            lines.append(
                {
                    "order_no": order["order_no"],
                    "line_no": len(lines) + 1,
                    "sku": product.sku,
                    "quantity": quantity,
                    "list_unit_price": money(list_price),
                    "unit_price": money(0 if is_free else negotiated),
                    "discount": money(quantity * negotiated * 0.05) if source.random() < 0.05 and not is_free else "",
                    "unit_cost": f"{product.unit_cost / rate:.4f}",
                    "promised": (day + timedelta(days=source.choice([3, 5, 7, 10]))).isoformat(),
                }
            )
        if source.random() < 0.04:
            freight = {"order_no": order["order_no"], "line_no": len(lines) + 1, "sku": "FREIGHT", "quantity": 1}
            price = money(60 / rate)
            lines.append(
                {
                    **freight,
                    "list_unit_price": price,
                    "unit_price": price,
                    "discount": "",
                    "unit_cost": "",
                    "promised": "",
                }
            )
        self.lines += lines
        return lines

    def net_by_order(self) -> dict[str, float]:
        """Net value of each order in its own currency, discounts taken off."""
        values = {str(order["order_no"]): -float(str(order["order_discount"] or 0)) for order in self.orders}
        for line in self.lines:
            amount = float(str(line["quantity"])) * float(str(line["unit_price"])) - float(str(line["discount"] or 0))
            values[str(line["order_no"])] += amount
        return values

    def _price_step(self, product: Product, day: date) -> float:
        if self.products.index(product) not in ELASTICITIES:
            return 1.0
        return MONTHLY_PRICE_STEPS[(day.year * 12 + day.month) % len(MONTHLY_PRICE_STEPS)]

    def _negotiated(self, account: Account) -> float:
        if account.rep == DEEP_DISCOUNT_REP:
            return self._source.choice([1.0, 0.85, 0.8])
        return self._source.choice([0.95, 0.92]) if self._source.random() < 0.15 else 1.0

    def _maybe_return(self, order: Row, lines: list[Row], placed: datetime) -> None:
        source = self._source
        for line in lines:
            returned = placed + timedelta(days=source.uniform(6, 45))
            if line["sku"] == "FREIGHT" or source.random() >= 0.03 or returned > CUTOFF:
                continue
            quantity = source.randint(1, int(str(line["quantity"])))
            self.returns.append(
                {
                    "return_no": f"RT-{70001 + len(self.returns)}",
                    "order_no": order["order_no"],
                    "line_no": line["line_no"],
                    "returned": local(returned),
                    "quantity": quantity,
                    "refund": money(quantity * float(str(line["unit_price"]))),
                    "currency": order["currency"],
                    "reason": source.choice(["damaged", "wrong item", "not needed", "late"]),
                    "restocked": source.choice(["yes", "yes", "no"]),
                }
            )


def _answer_to_cut(catalog: str, day: date) -> float:
    cut = PRICE_CUTS.get(catalog)
    return cut[2] if cut and day >= cut[0] else 1.0


def order_day(order: Row) -> date:
    """The local day of an order row."""
    return date.fromisoformat(str(order["placed"])[:10])


assert set(CURRENCIES.values()) - {"PLN"} == set(BASE_RATES)
