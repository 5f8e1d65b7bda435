"""Shipments, invoices, payments, stock and purchasing in the demo ERP, and the company's targets."""

from datetime import date, datetime, timedelta

from warehouse.demo.crm import Account
from warehouse.demo.tables import FIRST_DAY, LAST_DAY, SEASON, Row, local, money, stream
from warehouse.demo.trade import CUTOFF, OrderBook, Product

LATE_SHARE = 0.13
SPLIT_SHARE = 0.08


def shipment_rows(book: OrderBook) -> list[Row]:
    """What left for each line: mostly whole and in time, some in two parts, one in eight late, the newest not yet."""
    source = stream("shipments")
    orders = {str(order["order_no"]): order for order in book.orders}
    rows: list[Row] = []
    for line in book.lines:
        order = orders[str(line["order_no"])]
        if line["sku"] == "FREIGHT" or order["status"] == "cancelled" or order["order_type"] == "sample":
            continue
        placed = datetime.fromisoformat(str(order["placed"]))
        promised = datetime.fromisoformat(str(line["promised"]))
        due = promised - placed.replace(hour=0, minute=0, second=0)
        lateness = source.uniform(1.05, 2.2) if source.random() < LATE_SHARE else source.uniform(0.4, 0.98)
        delivered = placed.replace(hour=0, minute=0, second=0) + due * lateness + timedelta(hours=source.uniform(8, 16))
        shipped = max(placed + (delivered - placed) * source.uniform(0.2, 0.6), placed + timedelta(hours=1))
        delivered = max(delivered, shipped + timedelta(hours=4))
        quantity = int(str(line["quantity"]))
        parts = [quantity]
        if quantity > 1 and source.random() < SPLIT_SHARE:
            first = source.randint(1, quantity - 1)
            parts = [first, quantity - first]
        for number, part in enumerate(parts):
            left = shipped + timedelta(days=3 * number)
            arrived = delivered + timedelta(days=3 * number)
            if left > CUTOFF:
                continue
            rows.append(
                {
                    "shipment_no": f"SH-{300001 + len(rows)}",
                    "order_no": line["order_no"],
                    "line_no": line["line_no"],
                    "shipped": local(left),
                    "delivered": local(arrived) if arrived <= CUTOFF else "",
                    "quantity": part,
                }
            )
    return rows


def invoice_and_payment_rows(accounts: list[Account], book: OrderBook) -> tuple[list[Row], list[Row]]:
    """An invoice per order, three days after it, and what was paid for it: in time, late, in part, or not yet."""
    source = stream("invoices")
    slow_payers = {account.number for account in accounts if source.random() < 0.2}
    values = book.net_by_order()
    invoices: list[Row] = []
    payments: list[Row] = []
    for order in book.orders:
        number = str(order["order_no"])
        issued = date.fromisoformat(str(order["placed"])[:10]) + timedelta(days=3)
        account = str(order["account_no"])
        if order["status"] == "cancelled" or values[number] <= 0 or issued > LAST_DAY or order["is_test"] == "yes":
            continue
        terms = int(str(order["payment_terms"])) if order["payment_method"] == "invoice" and account else 0
        due = issued + timedelta(days=terms)
        amount = round(values[number] + float(str(order["tax"] or 0)) + float(str(order["shipping"] or 0)), 2)
        is_disputed = source.random() < 0.015
        invoice = f"INV-{500001 + len(invoices)}"
        invoices.append(
            {
                "invoice_no": invoice,
                "order_no": number,
                "account_no": account,
                "issued": issued.isoformat(),
                "due": due.isoformat(),
                "amount": money(amount),
                "currency": order["currency"],
                "terms": terms,
                "disputed": "yes" if is_disputed else "no",
            }
        )
        delay = source.gauss(22, 14) if account in slow_payers else source.gauss(-3, 5)
        paid = max(issued, due + timedelta(days=round(delay)))
        shares = [0.5, 0.5] if source.random() < 0.04 else [1.0]
        for part, share in enumerate(shares):
            paid_on = paid + timedelta(days=20 * part)
            if is_disputed or paid_on > LAST_DAY:
                continue
            share_amount = round(amount * share, 2) if part == 0 else round(amount - round(amount * 0.5, 2), 2)
            payments.append(
                {
                    "payment_no": f"PAY-{600001 + len(payments)}",
                    "invoice_no": invoice,
                    "account_no": account,
                    "paid": paid_on.isoformat(),
                    "amount": money(share_amount),
                    "currency": order["currency"],
                }
            )
    return invoices, payments


def inventory_rows(products: list[Product]) -> list[Row]:
    """Stock at each month's end; the slowest items hardly move, two best sellers run out in autumn."""
    source = stream("inventory")
    rows: list[Row] = []
    levels = {product.sku: source.lognormvariate(4.2, 0.7) for product in products}
    for day in _month_ends():
        for rank, product in enumerate(products):
            movement = source.uniform(0.85, 1.2) / SEASON[day.month] ** 0.5
            quantity = 0 if rank in (3, 4) and day.month == 11 else round(levels[product.sku] * movement)
            rows.append(
                {
                    "day": day.isoformat(),
                    "sku": product.sku,
                    "location": "Lodz",
                    "quantity": quantity,
                    "value": money(quantity * product.unit_cost),
                    "currency": "PLN",
                }
            )
    return rows


def receipt_rows(products: list[Product], suppliers: list[Row], product_rows: list[Row]) -> list[Row]:
    """Purchase orders received: each supplier has its own punctuality and quality."""
    source = stream("receipts")
    lead = {str(row["supplier_no"]): int(str(row["lead_days"])) for row in suppliers}
    late = {number: source.uniform(0.02, 0.35) for number in lead}
    faulty = {number: source.uniform(0.0, 0.03) for number in lead}
    supplier_of = {str(row["sku"]): str(row["supplier_no"]) for row in product_rows}
    rows: list[Row] = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        for product in source.sample(products, 6):
            supplier = supplier_of[product.sku]
            promised = day + timedelta(days=lead[supplier])
            received = promised + timedelta(
                days=source.randint(1, 15) if source.random() < late[supplier] else -source.randint(0, 2)
            )
            quantity = source.randint(20, 300)
            rows.append(
                {
                    "receipt_no": f"PO-{80001 + len(rows)}",
                    "supplier_no": supplier,
                    "sku": product.sku,
                    "ordered": day.isoformat(),
                    "promised": promised.isoformat(),
                    "received": received.isoformat() if received <= LAST_DAY else "",
                    "ordered_quantity": quantity,
                    "received_quantity": quantity if received <= LAST_DAY else "",
                    "defective": round(quantity * faulty[supplier] * source.random()) if received <= LAST_DAY else "",
                    "unit_cost": f"{product.unit_cost * source.uniform(0.97, 1.04):.4f}",
                    "currency": "PLN",
                }
            )
        day += timedelta(days=7)
    return rows


def target_rows() -> list[Row]:
    """Monthly targets of the headline metrics, rising through the years."""
    rows: list[Row] = []
    for number, day in enumerate(_month_ends()):
        season = SEASON[day.month]
        targets = {
            "revenue": round(110000 + 6500 * number) * season,
            "orders": round((24 + 1.9 * number) * season),
            "new_customers": 8,
            "session_conversion_rate": 0.035,
            "win_rate": 0.35,
        }
        rows += [
            {"metric": metric, "month": day.replace(day=1).isoformat(), "value": f"{value:.4f}"}
            for metric, value in targets.items()
        ]
    return rows


def _month_ends() -> list[date]:
    """Last days of the months of the two years; the last one is the last day of data."""
    ends = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        ends.append(min(following - timedelta(days=1), LAST_DAY))
        day = following
    return ends
