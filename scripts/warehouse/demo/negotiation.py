"""Catalogs, quotes, approvals and competitors' prices of the demo shop."""

import random
from datetime import date, datetime, timedelta

from warehouse.demo.crm import Account
from warehouse.demo.tables import FIRST_DAY, LAST_DAY, Row, any_day, local, money, office_moment, stream
from warehouse.demo.trade import (
    BASE_RATES,
    CATALOG_FACTOR,
    CATALOG_OF_SIZE,
    DEEP_DISCOUNT_REP,
    PRICE_CUTS,
    OrderBook,
    Product,
    catalog_factor,
)

COMPETITORS = ["Officeo", "Magazynex", "ProBedarf"]
LIVE_STATES = ["submitted", "in_review", "sent"]


def supplier_rows() -> list[Row]:
    """Twenty suppliers with their agreed lead times."""
    source = stream("suppliers")
    return [
        {
            "supplier_no": f"S{number:02d}",
            "name": f"Supplier {number:02d}",
            "country": source.choice(["PL", "PL", "DE", "CZ", "CN"]),
            "lead_days": source.choice([5, 7, 10, 14, 28]),
        }
        for number in range(1, 21)
    ]


def catalog_rows() -> list[Row]:
    """The three catalogs and the group each is made for."""
    groups = {"standard": "small companies", "partner": "mid-sized partners", "key-account": "key accounts"}
    return [{"catalog_code": code, "name": f"{code.capitalize()} prices", "target": groups[code]} for code in groups]


def assignment_rows(accounts: list[Account]) -> list[Row]:
    """Every account buys from the catalog of its size."""
    rows: list[Row] = []
    for account in accounts:
        code = CATALOG_OF_SIZE[account.size]
        rows.append(
            {
                "catalog_code": code,
                "account_no": account.number,
                "valid_from": FIRST_DAY.isoformat(),
                "valid_to": "",
            }
        )
    return rows


def catalog_price_rows(products: list[Product]) -> list[Row]:
    """Catalog prices in PLN, with a new period where a catalog was cut."""
    rows: list[Row] = []
    for code in CATALOG_FACTOR:
        cut_on = PRICE_CUTS[code][0] if code in PRICE_CUTS else None
        periods = [(FIRST_DAY, cut_on - timedelta(days=1)), (cut_on, None)] if cut_on else [(FIRST_DAY, None)]
        for product in products:
            for first, last in periods:
                price = product.list_price * catalog_factor(code, first)
                rows.append(
                    {
                        "catalog_code": code,
                        "sku": product.sku,
                        "price": money(price),
                        "currency": "PLN",
                        "valid_from": first.isoformat(),
                        "valid_to": last.isoformat() if last else "",
                    }
                )
    return rows


def quote_rows(accounts: list[Account], book: OrderBook) -> tuple[list[Row], list[Row]]:
    """Quotes and their events.

    About one rep or e-mail order in three came from a quote, whose number the order then carries; as many quotes again
    were declined or ran out, and those of the last weeks are open.
    """
    source = stream("quotes")
    customers = {account.number: account for account in accounts}
    values = book.net_by_order()
    quotes: list[Row] = []
    events: list[Row] = []
    for order in book.orders:
        wanted = (
            order["channel"] in ("sales_rep", "email") and order["account_no"] and order["order_type"] == "standard"
        )
        if not wanted or source.random() >= 0.35:
            continue
        placed = datetime.fromisoformat(str(order["placed"]))
        account = customers[str(order["account_no"])]
        days = source.lognormvariate({"small": 1.2, "medium": 1.8, "large": 2.3}[account.size], 0.5)
        requested = max(placed - timedelta(days=days), datetime(2024, 7, 1, 8))
        quote = _quote(source, quotes, account, requested, values[str(order["order_no"])])
        order["quote_no"] = quote["quote_no"]
        _play(source, quote, events, "ordered", placed)
        quotes.append(quote)
        if source.random() < 0.9:
            requested = office_moment(source, any_day(source))
            lost = _quote(source, quotes, account, requested, values[str(order["order_no"])] * source.uniform(0.6, 1.8))
            outcome = source.choices(["declined", "expired", "withdrawn", "draft"], [50, 35, 10, 5])[0]
            _play(source, lost, events, outcome, requested + timedelta(days=source.lognormvariate(2.6, 0.5)))
            quotes.append(lost)
    return quotes, events


def approval_rows(book: OrderBook) -> list[Row]:
    """Large companies approve their larger web and punch-out orders."""
    source = stream("approvals")
    rows: list[Row] = []
    for placed in book.placed:
        account = placed.account
        if account is None or account.size == "small" or placed.channel not in ("web_self_service", "punchout"):
            continue
        asked = placed.placed - timedelta(hours=source.uniform(0.5, 30))
        rows.append(
            {
                "approval_no": f"AP-{40001 + len(rows)}",
                "order_no": placed.number,
                "contact_no": account.contacts[-1],
                "requested": local(asked),
                "decided": local(asked + (placed.placed - asked) * 0.9),
                "decision": "approved",
            }
        )
    return rows


def competitor_price_rows(products: list[Product]) -> list[Row]:
    """Monthly prices of three competitors for the forty best-selling items, in PLN."""
    source = stream("competitors")
    rows: list[Row] = []
    months = [date(2024 + (6 + n) // 12, (6 + n) % 12 + 1, 15) for n in range(27)]
    for product in products[:40]:
        levels = {name: source.uniform(0.9, 1.15) for name in COMPETITORS}
        for day in months:
            if day > LAST_DAY:
                continue
            for name, level in levels.items():
                price = product.list_price * level * source.uniform(0.98, 1.02)
                rows.append(
                    {
                        "sku": product.sku,
                        "competitor": name,
                        "seen": day.isoformat(),
                        "price": money(price),
                        "currency": "PLN",
                    }
                )
    return rows


def _quote(source: random.Random, quotes: list[Row], account: Account, requested: datetime, value: float) -> Row:
    """A quote whose last version is worth `value`; how far it lies under catalog prices is the rep's doing."""
    depth = source.uniform(0.12, 0.25) if account.rep == DEEP_DISCOUNT_REP else source.uniform(0.01, 0.09)
    rate = BASE_RATES.get(account.currency, 1.0)
    return {
        "quote_no": f"Q-{20001 + len(quotes)}",
        "account_no": account.number,
        "contact_no": account.contacts[0],
        "rep_no": account.rep,
        "catalog_code": CATALOG_OF_SIZE[account.size],
        "deal_no": "",
        "requested": local(requested),
        "first_response": "",
        "sent": "",
        "closed": "",
        "expires": (requested + timedelta(days=30)).date().isoformat(),
        "status": "submitted",
        "currency": account.currency,
        "base_value": money(max(value, 50 / rate) / (1 - depth)),
        "negotiated_value": money(max(value, 50 / rate)),
    }


def _play(source: random.Random, quote: Row, events: list[Row], outcome: str, closes: datetime) -> None:
    """Writes the events of a quote up to the last day and sets its state accordingly."""
    requested = datetime.fromisoformat(str(quote["requested"]))
    end = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 18)
    if outcome == "draft":
        quote["status"] = "draft"
        return
    rounds = source.choices([1, 2, 3, 4], [50, 30, 15, 5])[0]
    span = closes - requested
    steps = [("submitted", "buyer", 0.0), ("in_review", "seller", source.uniform(0.02, 0.2))]
    steps += [("sent", "seller", 0.25 + 0.6 * n / rounds) for n in range(rounds)]
    steps.append((outcome, "system" if outcome == "expired" else "buyer", 1.0))
    for number, (state, actor, share) in enumerate(steps, start=1):
        moment = requested + span * share
        if moment > end:
            break
        events.append(
            {
                "quote_no": quote["quote_no"],
                "event_no": number,
                "state": state,
                "actor": actor,
                "occurred": local(moment),
            }
        )
        quote["status"] = state
        if state == "in_review":
            quote["first_response"] = local(moment)
        elif state == "sent" and not quote["sent"]:
            quote["sent"] = local(moment)
        elif state not in LIVE_STATES:
            quote["closed"] = local(moment)
