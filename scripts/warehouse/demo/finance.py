"""What the ERP keeps for the whole company: exchange rates, stock, purchases and targets."""

from datetime import date, timedelta

from warehouse.demo.assortment import FAULTY_SUPPLIER, LATE_SUPPLIER, Assortment, Product
from warehouse.demo.randomness import Block, Stream
from warehouse.demo.tables import Tables, decimals, money
from warehouse.demo.timeline import (
    FIRST_DAY,
    LAST_DAY,
    SEASON,
    add_working_days,
    days_between,
    is_working_day,
    month_end,
    month_starts,
    years_in,
)

BASE_RATES = {"EUR": 4.27, "CZK": 0.1705, "USD": 3.88}
Demand = dict[tuple[str, date], int]

# Targets of the first month (an average one) and their growth a year; `seasonal` ones follow the season.
TARGETS: dict[str, tuple[float, float, bool, int]] = {
    "revenue": (190_000, 0.55, True, 0), "orders": (43, 0.28, True, 0), "aov": (4_500, 0.10, False, 0),
    "gross_margin_rate": (0.34, 0.0, False, 3), "session_conversion_rate": (0.036, 0.05, False, 4),
    "new_customers": (5, 0.05, False, 0), "repeat_customers": (34, 0.3, True, 0), "customers_lost": (3, 0.0, False, 0),
    "churn_rate": (0.03, 0.0, False, 3), "lead_conversion_rate": (0.35, 0.0, False, 3),
    "quote_to_order_rate": (0.35, 0.02, False, 3), "win_rate": (0.28, 0.03, False, 3), "nps": (30, 0.06, False, 0),
    "on_time_delivery_rate": (0.92, 0.01, False, 3),
}  # fmt: skip


def add_exchange_rates(tables: Tables, seed: int) -> None:
    """Adds rates to PLN on every working day, from a week before the first order."""
    stream = Block(seed, 0).stream("exchange rates")
    rates = dict(BASE_RATES)
    for day in days_between(FIRST_DAY - timedelta(days=7), LAST_DAY):
        if is_working_day(day):
            for currency, base in BASE_RATES.items():
                rates[currency] *= 1 + stream.normal(0, 0.0035) + 0.01 * (base / rates[currency] - 1)
                tables["demo_erp", "exchange_rates"].add(
                    rate_day=day, currency=currency, rate=decimals(rates[currency], 6)
                )


def add_targets(tables: Tables, scale: float) -> None:
    """Adds monthly targets; amounts and counts grow with the company."""
    for month in month_starts():
        for metric, (start, growth, is_seasonal, places) in TARGETS.items():
            target = start * (1 + growth * years_in(month))
            if is_seasonal:
                target *= SEASON[month.month]
            if places == 0 and metric not in ("aov", "nps"):
                target *= scale
            tables["demo_erp", "targets"].add(metric=metric, month=month, value=decimals(target, places))


def add_stock(tables: Tables, assortment: Assortment, demand: Demand, seed: int, scale: float) -> None:
    """Adds month-end stock and the purchases that refill it, from the demand of the first block times the scale."""
    stream = Block(seed, 0).stream("stock")
    numbers = Block(seed, 0).numbers("GR-", 90_001, 100_000)
    months = month_starts()
    for product in assortment.products:
        needed = [round(demand.get((product.sku, month), 0) * scale) for month in months]
        usual = max(2.0, sum(needed) / len(needed))
        stock = round(usual * stream.uniform(1.2, 2.6))
        for month, units in zip(months, needed, strict=True):
            after = stock - units
            if after < 0.8 * usual and product.ends >= month:
                ordered = round(max(2.4 * usual, 1.2 * usual - after))
                stock += _add_receipt(tables, stream, numbers.next(), product, assortment, month, ordered)
            stock = max(0, stock - units)
            _add_snapshot(tables, product, assortment, min(month_end(month), LAST_DAY), stock)


def _add_receipt(
    tables: Tables, stream: Stream, number: str, product: Product, assortment: Assortment, month: date, ordered: int
) -> int:
    """Adds a delivery by the supplier; returns the units that went into stock."""
    # early in the month, so that the units are there when they are shipped
    promised = add_working_days(month, stream.integer(0, 4))
    delay = stream.integer(3, 9) if product.supplier == LATE_SUPPLIER else stream.pick((-1, 0, 0, 0, 0, 1, 3))
    received = min(promised + timedelta(days=delay), LAST_DAY)
    faulty_share = stream.uniform(0.05, 0.15) if product.supplier == FAULTY_SUPPLIER else 0.0
    delivered = ordered if stream.chance(0.9) else max(1, round(ordered * stream.uniform(0.7, 0.95)))
    rejected = round(delivered * faulty_share) if faulty_share or not stream.chance(0.03) else 1
    tables["demo_erp", "receipts"].add(
        receipt_no=number,
        supplier_no=product.supplier,
        sku=product.sku,
        ordered=promised - timedelta(days=stream.integer(9, 24)),
        promised=promised,
        received=received,
        ordered_quantity=ordered,
        received_quantity=delivered,
        defective=rejected,
        unit_cost=decimals(assortment.cost(product, max(month, FIRST_DAY)), 4),
        currency="PLN",
    )
    return delivered - rejected


def _add_snapshot(tables: Tables, product: Product, assortment: Assortment, day: date, stock: int) -> None:
    """Bulky goods lie in two places."""
    second = stock // 5 if product.category in ("Furniture", "Storage") else 0
    for location, units in (("WAW", stock - second), ("KRK", second)):
        if location == "WAW" or second:
            tables["demo_erp", "inventory"].add(
                day=day,
                sku=product.sku,
                location=location,
                quantity=units,
                value=money(units * assortment.cost(product, day)),
                currency="PLN",
            )
