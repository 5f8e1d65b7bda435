"""What the company sells: suppliers, products, catalogs and their dated prices, and what competitors ask."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.demo.randomness import Block, Weighted
from warehouse.demo.tables import Tables, decimals, money
from warehouse.demo.timeline import DAYS, FIRST_DAY, LAST_DAY, add_working_days, any_day, month_starts, years_in

PRODUCTS = 220
# category: lowest and highest list price in PLN, what the items are called, and their unit
CATEGORIES: dict[str, tuple[float, float, tuple[str, ...], str]] = {
    "Packaging": (4, 60, ("Carton", "Stretch film", "Mailer", "Tape"), "pack"),
    "Office supplies": (3, 45, ("Binder", "Paper box", "Marker set", "Notebook"), "pack"),
    "Cleaning": (6, 80, ("Wipes", "Floor cleaner", "Soap refill", "Bin bags"), "pack"),
    "Safety wear": (12, 220, ("Gloves", "Helmet", "Vest", "Boots"), "pair"),
    "Tools": (25, 480, ("Drill", "Wrench set", "Cutter", "Measuring laser"), "piece"),
    "Storage": (60, 900, ("Shelf", "Pallet rack", "Locker", "Trolley"), "piece"),
    "Furniture": (150, 1900, ("Desk", "Chair", "Meeting table", "Cabinet"), "piece"),
    "Electronics": (80, 2600, ("Scanner", "Label printer", "Tablet", "Headset"), "piece"),
}
VARIANTS = ("Basic", "Plus", "Pro", "Heavy-duty", "Compact", "Eco", "XL", "Classic")
FREIGHT = "FREIGHT"

SUPPLIERS = 20
LATE_SUPPLIER = "S07"
FAULTY_SUPPLIER = "S13"
SUPPLIER_NAMES = (
    "Bałtyk Opakowania", "Nordfilm", "Papier-Serwis", "CleanTech Brno", "Ruhr Werkzeuge", "Safety First Lodz",
    "Adria Imports", "Metalpol", "Regał System", "Meble Wielkopolskie", "ScanWare", "Printpoint", "Vilnius Textile",
    "Orient Gloves", "Delta Chem", "Rotterdam Trading", "Stal-Mont", "Boxline", "Ergo Plus", "Kabel & Co",
)  # fmt: skip
SUPPLIER_COUNTRIES = Weighted({"PL": 9, "DE": 4, "CZ": 3, "NL": 2, "LT": 1, "CN": 1})

CATALOGS = {
    "standard": ("Standard catalog", "small companies", 1.00, 180),
    "partner": ("Partner catalog", "medium companies", 0.93, 200),
    "key-account": ("Key account catalog", "large companies", 0.86, 220),
}


@dataclass(frozen=True)
class Cut:
    """A price cut on a whole catalog, trial items excepted.

    Attributes:
        starts: first day of the lower prices.
        factor: new price over old price.
        volume: ordered quantity afterwards over before, all else equal.
    """

    starts: date
    factor: float
    volume: float


CUTS = {"partner": Cut(date(2026, 1, 12), 0.88, 1.90), "key-account": Cut(date(2026, 6, 1), 0.92, 1.00)}

# Items whose price is drawn anew every Monday, with the elasticity that their ordered quantity follows.
ELASTICITIES = {"SKU-5009": -1.8, "SKU-5010": -0.6, "SKU-5011": 0.0}
TRIAL_LIST_PRICES = {"SKU-5009": 12.00, "SKU-5010": 18.00, "SKU-5011": 24.00}
TRIAL_LEVELS = (0.76, 0.82, 0.87, 0.92, 0.97, 1.02, 1.07, 1.13, 1.19, 1.25)

COMPETITORS = {"Biuro24": 0.97, "HurtMax": 0.92, "ProSupply": 1.06}
# Rates at which the shop turns its PLN prices into other currencies, for all of the two years.
PRICE_LIST_RATES = {"PLN": 1.0, "EUR": 4.30, "CZK": 0.172, "USD": 3.90}


@dataclass(frozen=True)
class Product:
    """An item of the shop; prices in PLN.

    Attributes:
        position: position in the assortment, from 0; a catalog holds the first so many.
        demand: how often it is ordered relative to others.
        launched: first day it is sold.
        ends: last day it is sold.
    """

    position: int
    sku: str
    category: str
    supplier: str
    list_price: float
    unit_cost: float
    demand: float
    launched: date
    ends: date

    @property
    def elasticity(self) -> float | None:
        """Planted price elasticity; none for items without price trials."""
        return ELASTICITIES.get(self.sku)


class Assortment:
    """The items of the shop and their prices on each day."""

    def __init__(self, seed: int) -> None:
        block = Block(seed, 0)
        self.products = _make_products(block)
        self.by_sku = {product.sku: product for product in self.products}
        stream = block.stream("price trials")
        weeks = DAYS // 7 + 1
        self.trial_levels = {sku: [stream.pick(TRIAL_LEVELS) for _ in range(weeks)] for sku in ELASTICITIES}
        self.choices = {
            catalog: Weighted([(product, product.demand) for product in self.products if self.holds(catalog, product)])
            for catalog in CATALOGS
        }
        self.by_category: dict[tuple[str, str], Weighted[Product]] = {
            (catalog, category): Weighted(
                [(p, p.demand) for p in self.products if p.category == category and self.holds(catalog, p)]
            )
            for catalog in CATALOGS
            for category in CATEGORIES
        }

    def holds(self, catalog: str, product: Product) -> bool:
        """Whether a catalog holds an item at all."""
        return product.position < CATALOGS[catalog][3]

    def price(self, catalog: str, product: Product, day: date) -> float:
        """Price in PLN that a catalog shows on a day."""
        factor = CATALOGS[catalog][2]
        if product.sku in self.trial_levels:
            factor *= self.trial_levels[product.sku][(day - FIRST_DAY).days // 7]
        elif catalog in CUTS and day >= CUTS[catalog].starts:
            factor *= CUTS[catalog].factor
        return round(product.list_price * factor, 2)

    def volume(self, catalog: str, product: Product, day: date) -> float:
        """What the catalog's price cut does to the ordered quantity on a day, as a factor."""
        cut = CUTS.get(catalog)
        return cut.volume if cut and product.elasticity is None and day >= cut.starts else 1.0

    def cost(self, product: Product, day: date) -> float:
        """Unit cost in PLN on a day; suppliers ask a little more every year."""
        return round(product.unit_cost * (1 + 0.015 * math.floor(2 * years_in(day)) / 2), 4)


def _make_products(block: Block) -> list[Product]:
    stream = block.stream("products")
    suppliers = [f"S{number + 1:02d}" for number in range(SUPPLIERS)]
    ranks = stream.pick_several(range(PRODUCTS), PRODUCTS)
    products = []
    for position in range(PRODUCTS):
        sku = f"SKU-{5001 + position}"
        category = list(CATEGORIES)[position % len(CATEGORIES)]
        low, high, *_ = CATEGORIES[category]
        price = TRIAL_LIST_PRICES.get(sku, round(low * (high / low) ** stream.random(), 1))
        # late launches and early ends are at the tail of the assortment, which only few catalogs hold
        is_new, is_old = 130 <= position < 142, 142 <= position < 150
        products.append(
            Product(
                position=position,
                sku=sku,
                category=category,
                supplier=stream.pick(suppliers),
                list_price=price,
                unit_cost=round(price * stream.uniform(0.46, 0.68), 4),
                demand=0.0 if sku in ELASTICITIES else 1 / (ranks[position] + 8),
                launched=any_day(stream, date(2025, 1, 7), date(2026, 4, 1)) if is_new else FIRST_DAY,
                ends=any_day(stream, date(2025, 10, 1), date(2026, 6, 30)) if is_old else LAST_DAY,
            )
        )
    return products


def add_assortment(tables: Tables, assortment: Assortment, seed: int) -> None:
    """Adds suppliers, products, catalogs and their prices, and competitors' prices."""
    block = Block(seed, 0)
    _add_suppliers(tables, block)
    _add_products(tables, assortment, block)
    for code, (name, group, _, _) in CATALOGS.items():
        tables["demo_shop", "catalogs"].add(catalog_code=code, name=name, target=group, created="2024-06-03 09:00:00")
        for product in assortment.products:
            if assortment.holds(code, product):
                _add_prices(tables, assortment, code, product)
    _add_competitor_prices(tables, assortment, block)


def _add_suppliers(tables: Tables, block: Block) -> None:
    stream = block.stream("suppliers")
    for number, name in enumerate(SUPPLIER_NAMES):
        code = f"S{number + 1:02d}"
        tables["demo_shop", "suppliers"].add(
            supplier_no=code,
            name=name,
            country=stream.pick_from(SUPPLIER_COUNTRIES),
            lead_days=stream.pick((7, 10, 14, 21)),
            payment_terms=stream.pick((30, 30, 45, 60)),
            since=date(stream.integer(2012, 2023), stream.integer(1, 12), 1),
        )


def _add_products(tables: Tables, assortment: Assortment, block: Block) -> None:
    stream = block.stream("product rows")
    for product in assortment.products:
        *_, nouns, unit = CATEGORIES[product.category]
        tables["demo_shop", "products"].add(
            sku=product.sku,
            name=f"{stream.pick(VARIANTS)} {stream.pick(nouns).lower()} {product.sku[4:]}",
            category=product.category,
            kind="goods",
            supplier_no=product.supplier,
            unit_cost=decimals(assortment.cost(product, LAST_DAY), 4),
            list_price=money(product.list_price),
            currency="PLN",
            unit=unit,
            status="active" if product.ends == LAST_DAY else "discontinued",
            launched=product.launched if product.launched > FIRST_DAY else date(2024, 6, 3),
        )
    tables["demo_shop", "products"].add(
        sku=FREIGHT, name="Freight", kind="shipping", currency="PLN", status="active", launched=date(2024, 6, 3)
    )


def _add_prices(tables: Tables, assortment: Assortment, catalog: str, product: Product) -> None:
    """The price history of one item in one catalog; `valid_to` is the last day and empty when the price still holds."""
    changes = [FIRST_DAY]
    if product.sku in assortment.trial_levels:
        changes += [FIRST_DAY + timedelta(days=7 * week) for week in range(1, DAYS // 7 + 1)]
    elif catalog in CUTS:
        changes.append(CUTS[catalog].starts)
    changes = [day for day in changes if day <= LAST_DAY]
    prices = [(day, assortment.price(catalog, product, day)) for day in changes]
    steps = [step for before, step in zip([(None, None), *prices], prices, strict=False) if step[1] != before[1]]
    ends: list[date | None] = [day - timedelta(days=1) for day, _ in steps[1:]]
    for (starts, price), last in zip(steps, [*ends, None], strict=True):
        tables["demo_shop", "catalog_prices"].add(
            catalog_code=catalog, sku=product.sku, price=money(price), currency="PLN", valid_from=starts, valid_to=last
        )


def _add_competitor_prices(tables: Tables, assortment: Assortment, block: Block) -> None:
    stream = block.stream("competitor prices")
    watched = [product for product in assortment.products if product.position < 150][:: 150 // 50]
    own_level = {product.sku: stream.uniform(0.9, 1.1) for product in watched}
    for month in month_starts():
        seen = add_working_days(month, 2)
        for competitor, level in COMPETITORS.items():
            for product in watched:
                asked = product.list_price * level * own_level[product.sku] * stream.uniform(0.97, 1.03)
                tables["demo_shop", "competitor_prices"].add(
                    sku=product.sku,
                    competitor=competitor,
                    seen=seen,
                    price=money(asked),
                    currency="PLN",
                    in_stock=stream.chance(0.9),
                )
