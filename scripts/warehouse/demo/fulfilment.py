"""What happens after an order: shipments, returns, invoices and payments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from warehouse.demo.assortment import FAULTY_SUPPLIER, LATE_SUPPLIER, PRICE_LIST_RATES
from warehouse.demo.orders import Line, Order
from warehouse.demo.randomness import Block, Stream
from warehouse.demo.tables import Tables, known, money
from warehouse.demo.timeline import CLOSING, LAST_DAY, add_working_days, later_at_work, next_working_day

CARRIERS = ("InPost", "DPD", "DHL", "own truck")
REASONS = ("damaged", "wrong item", "not needed", "late")


@dataclass
class Shipment:
    """A shipped order line, or a part of one."""

    consignment: str
    order: Order
    line: Line
    quantity: int
    shipped: datetime
    delivered: datetime

    @property
    def is_delivered(self) -> bool:
        """Whether it has arrived by the last day."""
        return self.delivered <= CLOSING


def make_shipments(orders: list[Order], block: Block) -> list[Shipment]:
    """Shipments of a block in the order of their orders; sets the status of the orders, and the promises."""
    stream = block.stream("shipments")
    numbers = block.numbers("CO-", 400_001, 10_000)
    shipments = []
    for order in orders:
        goods = [line for line in order.lines if line.product]
        for line in goods:
            # for what never leaves; _ship promises the rest what it plans
            line.promised = add_working_days(order.day, (3 if _is_at_home(order) else 5) + line.spare_days)
        leaves = not order.is_test and (order.cancelled is None or order.was_shipped)
        shipped = list(_ship(stream, numbers.next(), order, goods)) if leaves and goods else []
        shipments += [shipment for shipment in shipped if shipment.shipped <= CLOSING]
        order.status = _status(order, shipped)
    return shipments


def _ship(stream: Stream, number: str, order: Order, goods: list[Line]) -> list[Shipment]:
    """One consignment, and a second one for lines that were short.

    Promised is what is planned: that a line leaves with the first ones and in full. Slow and short lines break it.
    """
    first = later_at_work(stream, order.placed, stream.lognormal(26, 0.45))
    if order.was_shipped and order.cancelled:
        first = order.placed + (order.cancelled - order.placed) * 0.6
        first = first.replace(microsecond=0)
    shipments = []
    for line in goods:
        product = line.product
        is_slow = stream.chance(0.35 if product and product.supplier == LATE_SUPPLIER else 0.07)
        shipped = later_at_work(stream, first, stream.uniform(60, 190)) if is_slow and not order.was_shipped else first
        is_short = line.quantity > 3 and stream.chance(0.05) and not order.was_shipped
        now = max(1, int(line.quantity * stream.uniform(0.5, 0.9))) if is_short else line.quantity
        days = _days_on_the_road(stream, order)
        line.promised = add_working_days(first.date(), days + line.spare_days)
        shipments.append(_consignment(stream, number, order, line, now, shipped, days))
        if is_short and stream.chance(0.85):
            rest = later_at_work(stream, shipped, stream.uniform(70, 240))
            days = _days_on_the_road(stream, order)
            shipments.append(_consignment(stream, f"{number}B", order, line, line.quantity - now, rest, days))
    return shipments


def _days_on_the_road(stream: Stream, order: Order) -> int:
    return 1 if _is_at_home(order) else stream.integer(2, 4)


def _is_at_home(order: Order) -> bool:
    return order.account is None or order.account.country == "PL"


def _consignment(
    stream: Stream, number: str, order: Order, line: Line, quantity: int, shipped: datetime, days: int
) -> Shipment:
    delivered = datetime.combine(add_working_days(shipped.date(), days), datetime.min.time())
    delivered += timedelta(seconds=int(stream.uniform(8, 16) * 3600))
    return Shipment(number, order, line, quantity, shipped, delivered)


def _status(order: Order, shipments: list[Shipment]) -> str:
    if order.cancelled:
        return "cancelled"
    if order.is_test or (shipments and all(shipment.is_delivered for shipment in shipments)):
        return "completed"
    is_fresh = order.placed > CLOSING - timedelta(hours=20)
    return "pending" if is_fresh else "processing"


def add_shipments(tables: Tables, shipments: list[Shipment], block: Block) -> None:
    """Adds shipments; not yet delivered ones have no delivery."""
    stream = block.stream("shipment rows")
    numbers = block.numbers("SH-", 300_001, 100_000)
    for shipment in shipments:
        tables["demo_erp", "shipments"].add(
            shipment_no=numbers.next(),
            order_no=shipment.order.number,
            line_no=shipment.line.number,
            shipped=shipment.shipped,
            delivered=known(shipment.delivered),
            quantity=shipment.quantity,
            consignment_no=shipment.consignment,
            carrier=stream.pick(CARRIERS if _is_at_home(shipment.order) else CARRIERS[1:3]),
        )


def add_returns(tables: Tables, shipments: list[Shipment], block: Block) -> None:
    """Adds goods that came back."""
    stream = block.stream("returns")
    numbers, credits = block.numbers("RT-", 70_001, 1000), block.numbers("CN-", 50_001, 1000)
    seen: set[tuple[str, int]] = set()
    returned = []
    for shipment in shipments:
        key = (shipment.order.number, shipment.line.number)
        product = shipment.line.product
        is_faulty = product is not None and product.supplier == FAULTY_SUPPLIER
        comes_back = stream.chance(0.10 if is_faulty else 0.024) and shipment.order.is_sale and key not in seen
        when = later_at_work(stream, shipment.delivered, 24 * stream.uniform(2, 32))
        if comes_back and when <= CLOSING and not shipment.order.cancelled:
            seen.add(key)
            returned.append((when, key, shipment, "damaged" if is_faulty else stream.pick(REASONS)))
    for when, _, shipment, reason in sorted(returned, key=lambda item: item[:2]):
        order, line = shipment.order, shipment.line
        quantity = stream.integer(1, shipment.quantity)
        order_share = order.order_discount / (order.goods_net + order.order_discount) if order.order_discount else 0.0
        refund = line.net / line.quantity * quantity * (1 - order_share)
        tables["demo_shop", "returns"].add(
            return_no=numbers.next(),
            order_no=order.number,
            line_no=line.number,
            returned=when,
            quantity=quantity,
            refund=money(refund),
            currency=order.currency,
            reason=reason,
            restocked=reason != "damaged" and stream.chance(0.85),
            account_no=order.account.number if order.account else None,
            sku=line.product.sku if line.product else None,
            credit_note_no=credits.next(),
        )


def add_invoices(tables: Tables, orders: list[Order], shipments: list[Shipment], block: Block) -> None:
    """Adds an invoice for each order that has left in full, and what has been paid on it."""
    stream = block.stream("invoices")
    numbers, payments = block.numbers("INV-", 500_001, 10_000), block.numbers("PAY-", 600_001, 10_000)
    left: dict[str, date] = {}
    for shipment in shipments:
        day = shipment.shipped.date()
        left[shipment.order.number] = max(day, left.get(shipment.order.number, day))
    billable = [o for o in orders if o.number in left and o.is_sale and not o.cancelled and o.account]
    issued = sorted((next_working_day(left[order.number]), order.number, order) for order in billable)
    for issued_on, _, order in issued:
        if issued_on > LAST_DAY or order.account is None:
            continue
        amount = round(order.goods_net + order.shipping + order.tax, 2)
        invoice, due = numbers.next(), issued_on + timedelta(days=order.terms)
        is_disputed = stream.chance(0.018)
        tables["demo_erp", "invoices"].add(
            invoice_no=invoice,
            order_no=order.number,
            account_no=order.account.number,
            issued=issued_on,
            due=due,
            amount=money(amount),
            currency=order.currency,
            terms=order.terms,
            disputed=is_disputed,
        )
        for paid_on, part in _payments(stream, order, issued_on, due, amount, is_disputed):
            if paid_on <= LAST_DAY:
                tables["demo_erp", "payments"].add(
                    payment_no=payments.next(),
                    invoice_no=invoice,
                    account_no=order.account.number,
                    paid=paid_on,
                    amount=money(part),
                    currency=order.currency,
                    method="card" if order.payment_method == "card" else "transfer",
                )


def _payments(
    stream: Stream, order: Order, issued_on: date, due: date, amount: float, is_disputed: bool
) -> list[tuple[date, float]]:
    """When an invoice is paid, and in which parts; disputed ones and a few others stay open."""
    lateness = order.account.lateness_days if order.account else 0.0
    paid_on = due + timedelta(days=round(stream.normal(lateness, 4 + abs(lateness) / 5)))
    paid_on = next_working_day(max(issued_on, paid_on))
    if order.payment_method == "card":
        return [(issued_on, amount)]
    if is_disputed or stream.chance(0.012):
        return []
    if stream.chance(0.05):
        first = round(amount * stream.uniform(0.3, 0.7), 2)
        return [(paid_on, first), (next_working_day(paid_on + timedelta(days=21)), round(amount - first, 2))]
    return [(paid_on, amount)]


def demand_by_month(shipments: list[Shipment]) -> dict[tuple[str, date], int]:
    """Shipped units by (item, first day of the month)."""
    demand: dict[tuple[str, date], int] = {}
    for shipment in shipments:
        if shipment.line.product:
            key = (shipment.line.product.sku, shipment.shipped.date().replace(day=1))
            demand[key] = demand.get(key, 0) + shipment.quantity
    return demand


def net_in_base(order: Order) -> float:
    """Value of an order's goods in PLN at the price list's rate, for plans that need no exact rate."""
    return order.goods_net * PRICE_LIST_RATES[order.currency]
