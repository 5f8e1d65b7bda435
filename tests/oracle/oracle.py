"""The demo company worked out a second time, from its raw tables and the definitions only.

Nothing here was taken from the SQL of the project: the definitions are those of docs/metrics.md and docs/contract.md,
the raw tables and their planted rows those of docs/demo_company.md. Amounts are decimals in the base currency, times
are UTC without an offset, days are days of the reporting time zone.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import yaml

PROJECT_ROOT = Path(__file__).parents[2]
LOCAL_TIME_SYSTEMS = ("demo_crm", "demo_shop", "demo_erp", "demo_service")
CLICK_IDS = {
    **dict.fromkeys(("gclid", "gbraid", "wbraid"), "google"),
    "msclkid": "bing",
    "fbclid": "facebook",
    "li_fat_id": "linkedin",
}
WORDS_FOR_NOTHING = ("(direct)", "direct", "(none)", "none", "(not set)", "(not provided)")
SOURCE_COLUMNS = ["source", "medium", "campaign", "keyword"]
FIRST_DAY = dt.date.min
AFTER_LAST_DAY = dt.date.max


# ---------------------------------------------------------------------------------------------------------------------
# Raw tables, types and money


@cache
def settings() -> dict[str, Any]:
    """The variables of the project; the demo keeps their defaults."""
    return yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


@cache
def raw(system: str, table: str) -> pd.DataFrame:
    """A raw table as text, exact repeats of a row merged, empty values missing."""
    path = PROJECT_ROOT / "seeds" / system / f"{system}__{table}.csv"
    text = pd.read_csv(path, dtype=str, keep_default_na=False).astype(object)
    return text.where(text != "", None).drop_duplicates(ignore_index=True)


def identifier(system: str, number: pd.Series) -> pd.Series:
    """Ids of the warehouse for the numbers of a system."""
    return number.map(lambda value: f"{system}:{value}", na_action="ignore")


def to_utc(values: pd.Series, system: str) -> pd.Series:
    """Timestamps of a system in UTC; what is no timestamp is missing.

    In the hour that a clock change repeats, standard time is meant; a time that it skips moves on by an hour.
    """
    if system not in LOCAL_TIME_SYSTEMS:
        return pd.to_datetime(values, utc=True, errors="coerce").dt.tz_localize(None).astype("datetime64[us]")
    parsed = pd.to_datetime(values, errors="coerce").astype("datetime64[us]")
    is_summer_time = np.zeros(len(parsed), dtype=bool)
    zone = settings()["source_timezones"][system]
    local = parsed.dt.tz_localize(zone, ambiguous=is_summer_time, nonexistent=pd.Timedelta(hours=1))
    return local.dt.tz_convert("UTC").dt.tz_localize(None)


def to_local_day(utc: pd.Series) -> pd.Series:
    """Days of the reporting time zone."""
    return utc.dt.tz_localize("UTC").dt.tz_convert(settings()["reporting_timezone"]).dt.date


def to_day(values: pd.Series) -> pd.Series:
    """Days written as text; missing stays missing."""
    return values.map(dt.date.fromisoformat, na_action="ignore")


def to_number(value: str | None) -> Fraction | None:
    """The exact value of a number written as text; None for what is no number."""
    try:
        return None if value is None else Fraction(value)
    except ValueError:
        return None


def money(value: Fraction) -> Decimal:
    """Rounds half up to the four decimals that amounts have."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


# ---------------------------------------------------------------------------------------------------------------------
# Which orders and lines can be used


@cache
def staff_accounts() -> frozenset[str]:
    """Numbers of the accounts of testers and staff."""
    accounts = raw("demo_crm", "accounts")
    return frozenset(accounts.account_no[accounts.is_test == "yes"])


def is_our_own(address: str | None) -> bool:
    """Whether an e-mail address is of one of our own domains."""
    domain = (address or "").strip().lower().rpartition("@")[2]
    return domain in {own.lower() for own in settings()["internal_email_domains"]}


@cache
def employers() -> dict[str, str | None]:
    """Number of the account that each person works for, by the person's number."""
    contacts = raw("demo_crm", "contacts")
    return dict(zip(contacts.contact_no, contacts.account_no, strict=True))


@cache
def staff_contacts() -> frozenset[str]:
    """Numbers of the people at accounts of testers and staff, and of those with an address of our own."""
    contacts = raw("demo_crm", "contacts")
    return frozenset(contacts.contact_no[contacts.account_no.isin(staff_accounts()) | contacts.email.map(is_our_own)])


def is_test_order(order: Any) -> bool:
    """Whether an order is marked as a test, or of testers and staff."""
    return (
        order.is_test == "yes"
        or order.account_no in staff_accounts()
        or order.contact_no in staff_contacts()
        or is_our_own(order.guest_email)
    )


@cache
def exchange_rates() -> dict[str, list[tuple[dt.date, Fraction]]]:
    """Rates of each currency by day, the latest first."""
    rates = raw("demo_erp", "exchange_rates")
    known: dict[str, list[tuple[dt.date, Fraction]]] = {}
    for row in rates.sort_values("rate_day", ascending=False).itertuples():
        known.setdefault(row.currency, []).append((dt.date.fromisoformat(row.rate_day), Fraction(row.rate)))
    return known


def rate_to_base(currency: str, day: dt.date) -> Fraction | None:
    """The last known rate on a day, unless it is too old."""
    if currency == settings()["base_currency"]:
        return Fraction(1)
    rate_on, rate = next((known for known in exchange_rates().get(currency, []) if known[0] <= day), (FIRST_DAY, None))
    return rate if (day - rate_on).days <= settings()["exchange_rate_max_age_days"] else None


@cache
def usable_orders() -> pd.DataFrame:
    """Raw orders that can be used, with their times, their local day and their rate."""
    rows = raw("demo_shop", "orders").drop_duplicates("order_no")
    rows = rows.assign(
        ordered_at=to_utc(rows.placed, "demo_shop"),
        cancelled_at=to_utc(rows.cancelled, "demo_shop"),
        currency_code=rows.currency.fillna(settings()["base_currency"]),
    )
    plausible = rows.ordered_at.between(settings()["plausible_from"], settings()["plausible_until"])
    known = rows.account_no.isna() | rows.account_no.isin(raw("demo_crm", "accounts").account_no)
    rows = rows[plausible & known]
    rows = rows.assign(ordered_on=to_local_day(rows.ordered_at))
    rates = [rate_to_base(code, day) for code, day in zip(rows.currency_code, rows.ordered_on, strict=True)]
    return rows.assign(rate_to_base=rates).dropna(subset="rate_to_base").reset_index(drop=True)


@cache
def usable_lines() -> pd.DataFrame:
    """Raw order lines that can be used, their numbers exact, in the order of their numbers."""
    rows = raw("demo_shop", "order_lines").drop_duplicates(["order_no", "line_no"])
    numbers = {
        column: rows[column].map(to_number)
        for column in ("quantity", "list_unit_price", "unit_price", "discount", "unit_cost")
    }
    rows = rows.assign(**numbers)
    possible = [
        quantity is not None and price is not None and quantity >= 0 and price >= 0
        for quantity, price in zip(rows.quantity, rows.unit_price, strict=True)
    ]
    rows = rows[np.array(possible) & rows.order_no.isin(usable_orders().order_no)]
    return rows.sort_values(["order_no", "line_no"], key=line_position).reset_index(drop=True)


def line_position(column: pd.Series) -> pd.Series:
    """Sort key: line numbers as numbers, order numbers as they are."""
    return column.astype(int) if column.name == "line_no" else column


@cache
def as_of() -> dt.date:
    """The last local day with an order or web event that is not of robots, testers or staff."""
    if settings()["as_of"]:
        return dt.date.fromisoformat(settings()["as_of"])
    ordered, events = usable_orders(), web_events()
    is_theirs = [not is_test_order(order) for order in ordered.itertuples()]
    is_visitors = ~is_robotic(events) & ~events.contact_no.isin(staff_contacts())
    return max(ordered.ordered_on[is_theirs].max(), to_local_day(events.occurred_at[is_visitors]).max())


# ---------------------------------------------------------------------------------------------------------------------
# Order lines


def spread(discount: Fraction, values: list[Fraction]) -> list[Decimal]:
    """Splits a discount by value into rounded shares that add up to the rounded discount."""
    total = sum(values, Fraction(0))
    if total == 0:
        return [Decimal(0) for _ in values]
    shares, given, reached = [], Decimal(0), Fraction(0)
    for value in values:
        reached += value
        upto = money(discount * reached / total)
        shares.append(upto - given)
        given = upto
    return shares


def price_lines(lines: pd.DataFrame, order: Any) -> list[dict[str, Any]]:
    """Amounts of the lines of one order in the base currency; its discount is spread in its own currency."""
    rate: Fraction = order.rate_to_base
    charged = [line.unit_price * line.quantity - (line.discount or 0) for line in lines.itertuples()]
    shares = spread(to_number(order.order_discount) or Fraction(0), charged)
    priced = []
    for line, value, share in zip(lines.itertuples(), charged, shares, strict=True):
        shown = line.unit_price if line.list_unit_price is None else max(line.list_unit_price, line.unit_price)
        gross, net = money(shown * line.quantity * rate), money((value - Fraction(share)) * rate)
        cost = None if line.unit_cost is None else money(line.unit_cost * line.quantity * rate)
        amounts = {"gross_amount": gross, "discount_amount": gross - net, "net_amount": net, "cost_amount": cost}
        priced.append({"order_no": line.order_no, "line_no": line.line_no, **amounts})
    return priced


@cache
def order_lines() -> pd.DataFrame:
    """One row per order line that can be used, of all orders, also of those that do not count."""
    lines = usable_lines()
    by_order = dict(iter(lines.groupby("order_no")))
    orders_with_lines = [order for order in usable_orders().itertuples() if order.order_no in by_order]
    priced = pd.DataFrame(
        [row for order in orders_with_lines for row in price_lines(by_order[order.order_no], order)], dtype=object
    )
    rows = lines.merge(priced, on=["order_no", "line_no"], validate="one_to_one")
    products = raw("demo_shop", "products")
    outside_sales = products.sku[products.kind.isin(settings()["product_types_outside_sales"])]
    return pd.DataFrame(
        {
            "order_line_id": identifier("demo_shop", rows.order_no + ":" + rows.line_no),
            "order_id": identifier("demo_shop", rows.order_no),
            "product_id": identifier("demo_shop", rows.sku),
            "quantity": rows.quantity.map(money),
            "gross_amount": rows.gross_amount,
            "discount_amount": rows.discount_amount,
            "net_amount": rows.net_amount,
            "cost_amount": rows.cost_amount,
            "is_merchandise": ~rows.sku.isin(outside_sales),
        }
    )


# ---------------------------------------------------------------------------------------------------------------------
# Orders


@cache
def left_before_cancellation() -> frozenset[str]:
    """Numbers of cancelled orders of which something had been shipped or paid before."""
    cancelled = usable_orders().dropna(subset="cancelled_at")[["order_no", "cancelled_at"]]
    shipments = raw("demo_erp", "shipments")
    shipments = shipments.assign(
        shipped_at=to_utc(shipments.shipped, "demo_erp"), delivered_at=to_utc(shipments.delivered, "demo_erp")
    )
    shipments = shipments[~(shipments.delivered_at < shipments.shipped_at)]
    shipped = cancelled.merge(shipments, on="order_no")
    invoices = raw("demo_erp", "invoices")[["invoice_no", "order_no"]]
    paid = cancelled.merge(invoices, on="order_no").merge(raw("demo_erp", "payments"), on="invoice_no")
    return frozenset(shipped.order_no[shipped.shipped_at <= shipped.cancelled_at]) | frozenset(
        paid.order_no[to_day(paid.paid) <= to_local_day(paid.cancelled_at)]
    )


def buying_company(order: Any) -> str | None:
    """Number of the account that ordered; that of the person where neither an account nor a guest is named."""
    if order.account_no or order.guest_email or not order.contact_no:
        return order.account_no
    return employers().get(order.contact_no)


def exclusion_reason(order: Any, charged: Decimal) -> str | None:
    """The first reason that keeps an order out of every number."""
    is_cancelled = order.status == "cancelled" or not pd.isna(order.cancelled_at)
    reasons = {
        "test": is_test_order(order),
        "cancelled": is_cancelled and order.order_no not in left_before_cancellation(),
        "no_sale": order.order_type in ("replacement", "sample"),
        "no_buyer": buying_company(order) is None and order.guest_address is None,
        "zero_value": charged == 0,
        "after_as_of": order.ordered_on > as_of(),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def order_totals() -> pd.DataFrame:
    """Sums of the merchandise lines of each order, and what all its lines together charge."""
    lines = order_lines()
    zero = Decimal(0)
    goods = lines[lines.is_merchandise].groupby("order_id")
    totals = goods[["gross_amount", "discount_amount", "net_amount"]].agg(lambda amounts: sum(amounts, zero))
    totals["units"] = goods.quantity.agg(lambda quantities: sum(quantities, zero))
    totals["lines"] = goods.size()
    charged = lines.groupby("order_id").net_amount.agg(lambda amounts: sum(amounts, zero))
    return totals.reindex(charged.index, fill_value=zero).assign(charged=charged)


def guest_address(order: Any) -> str | None:
    """The address that tells one guest from another; None when a company ordered."""
    return None if order.account_no or not order.guest_email else order.guest_email.strip().lower()


@cache
def orders() -> pd.DataFrame:
    """One row per order that can be used, with the reason why it does not count."""
    rows = usable_orders()
    rows = rows.assign(
        order_id=identifier("demo_shop", rows.order_no),
        guest_address=pd.Series([guest_address(order) for order in rows.itertuples()], dtype=object),
    )
    totals = order_totals().reindex(rows.order_id, fill_value=Decimal(0)).reset_index(drop=True)
    reasons = [exclusion_reason(row, charged) for row, charged in zip(rows.itertuples(), totals.charged, strict=True)]
    companies = pd.Series([buying_company(order) for order in rows.itertuples()], dtype=object)
    account_id = identifier("demo_crm", companies).fillna(identifier("guest", rows.guest_address))
    result = pd.DataFrame(
        {
            "order_id": rows.order_id,
            "account_id": account_id,
            "guest_address": rows.guest_address,
            "is_guest": rows.guest_address.notna(),
            "ordered_on": rows.ordered_on,
            "ordered_at": rows.ordered_at,
            "currency_code": rows.currency_code,
            "rate_to_base": rows.rate_to_base,
            "exclusion_reason": pd.Series(reasons, dtype=object),
            "is_valid": [reason is None for reason in reasons],
            "is_cancelled_after_shipment": rows.order_no.isin(left_before_cancellation()),
        }
    )
    return result.join(totals[["gross_amount", "discount_amount", "net_amount", "units", "lines"]])


# ---------------------------------------------------------------------------------------------------------------------
# Returns


def credited_returns() -> pd.DataFrame:
    """Return lines that the shop credited, at the rate of the order they are of."""
    rows = raw("demo_shop", "returns")
    order_id = identifier("demo_shop", rows.order_no)
    rates = order_id.map(orders().set_index("order_id").rate_to_base)
    refunds = zip(rows.refund, rates, strict=True)
    return pd.DataFrame(
        {
            "return_id": identifier("demo_shop", rows.return_no),
            "order_id": order_id,
            "order_line_id": identifier("demo_shop", rows.order_no + ":" + rows.line_no),
            "refund_amount": pd.Series([money(Fraction(refund) * rate) for refund, rate in refunds], dtype=object),
            "quantity": rows.quantity.map(lambda quantity: money(Fraction(quantity))),
            "returned_on": to_local_day(to_utc(rows.returned, "demo_shop")),
        }
    )


def cancelled_lines(credited: pd.DataFrame) -> pd.DataFrame:
    """What cancellations after shipment take back: all that was not credited yet, on the day of the cancellation."""
    raw_orders = usable_orders()
    day = pd.Series(
        to_local_day(raw_orders.cancelled_at).to_numpy(), index=identifier("demo_shop", raw_orders.order_no)
    )
    late = orders().order_id[orders().is_cancelled_after_shipment]
    rows = order_lines()[order_lines().order_id.isin(late)]
    zero = Decimal(0)
    before = credited.groupby("order_line_id")[["refund_amount", "quantity"]].agg(lambda values: sum(values, zero))
    before = before.reindex(rows.order_line_id, fill_value=zero).set_index(rows.index)
    taken_back = pd.DataFrame(
        {
            "return_id": rows.order_line_id + ":cancelled",
            "order_id": rows.order_id,
            "order_line_id": rows.order_line_id,
            "refund_amount": (rows.net_amount - before.refund_amount).map(lambda amount: max(amount, zero)),
            "quantity": (rows.quantity - before.quantity).map(lambda quantity: max(quantity, zero)),
            "returned_on": rows.order_id.map(day),
        }
    )
    return taken_back[(taken_back.refund_amount > 0) | (taken_back.quantity > 0)]


@cache
def returns() -> pd.DataFrame:
    """One row per returned line, those that a cancellation after shipment makes included."""
    credited = credited_returns()
    rows = pd.concat([credited, cancelled_lines(credited)], ignore_index=True)
    valid_orders = orders().order_id[orders().is_valid]
    merchandise = order_lines().order_line_id[order_lines().is_merchandise]
    is_valid = rows.order_id.isin(valid_orders) & rows.order_line_id.isin(merchandise)
    return rows.assign(is_valid=is_valid & (rows.returned_on <= as_of()))


# ---------------------------------------------------------------------------------------------------------------------
# Web sessions


@cache
def web_events() -> pd.DataFrame:
    """Web events once each, in the order in which each visitor's happened, with the number of their session."""
    rows = raw("demo_web", "events").drop_duplicates("event_id")
    rows = rows.assign(
        occurred_at=to_utc(rows.occurred, "demo_web"), browser=rows.visitor_id.fillna("event " + rows.event_id)
    )
    rows = rows.sort_values(["browser", "occurred_at", "event_id"], ignore_index=True)
    silence = pd.Timedelta(minutes=settings()["session_timeout_minutes"])
    begins = (rows.browser != rows.browser.shift()) | (rows.occurred_at.diff() >= silence)
    return rows.assign(session=begins.cumsum())


def tag(recorded: str | None, query: dict[str, list[str]], parameter: str) -> str | None:
    """A campaign tag: what the tracker recorded, else the parameter of the address; words for nothing are none."""
    values = [recorded, *query.get(parameter, [])[:1]]
    return next((value for value in values if value and value.lower() not in WORDS_FOR_NOTHING), None)


def host_of(address: str | None) -> str:
    """The host that an address names, without www; empty for a path."""
    if not address or (address.startswith("/") and not address.startswith("//")):
        return ""
    return (urlsplit(address if "//" in address else f"//{address}").hostname or "").removeprefix("www.")


def referring_source(referrer: str | None, path: str | None) -> tuple[str, str] | None:
    """The search engine or the site that a referrer names, by host; our own pages are none."""
    host, own = host_of(referrer), settings()["own_host"]
    if not host or host == host_of(path) or (own and (host == own or host.endswith(f".{own}"))):
        return None
    for engine in settings()["search_engines"]:
        before, found, _ = f".{host}".partition(f".{engine}.")
        # a country or the search itself may stand before the engine's name; its mail and its apps are no search
        if found and all(len(label) <= 2 or label in ("search", "images") for label in before.split(".")):
            return engine, "organic"
    return host, "referral"


def traffic_source(event: Any) -> tuple[str, str, str | None, str | None] | None:
    """Source, medium, campaign and keyword of one event; None for direct.

    A click id comes before campaign tags, these before the referrer.
    """
    query = parse_qs(urlsplit(event.path or "").query)
    clicked = next(((source, "cpc") for parameter, source in CLICK_IDS.items() if parameter in query), None)
    source, medium = tag(event.source, query, "utm_source"), tag(event.medium, query, "utm_medium")
    tagged = (source.lower(), (medium or "unknown").lower()) if source else None
    traffic = clicked or tagged or referring_source(event.referrer, event.path)
    return traffic and (*traffic, tag(event.campaign, query, "utm_campaign"), tag(event.keyword, query, "utm_term"))


def session_sources(events: pd.DataFrame) -> pd.DataFrame:
    """Source of the first event of each session that has any, with medium, campaign and keyword of that event."""
    named = events[["session"]].assign(traffic=[traffic_source(event) for event in events.itertuples()])
    first = named.dropna(subset="traffic").drop_duplicates("session").set_index("session").traffic
    return pd.DataFrame(first.tolist(), index=first.index, columns=SOURCE_COLUMNS, dtype=object)


def count_events(events: pd.DataFrame, name: str) -> pd.Series:
    """How often an event happened in each session."""
    return (events.event == name).groupby(events.session).sum()


def is_robotic(events: pd.DataFrame) -> pd.Series:
    """Which events are of robots, by their own word or by their user agent."""
    agent = events.user_agent.fillna("").str.lower()
    return (events.is_bot == "yes") | agent.str.contains(settings()["bot_user_agent_pattern"])


def measure_sessions(events: pd.DataFrame) -> pd.DataFrame:
    """Times, counts and flags of each session, before it belongs to anybody."""
    by_session = events.groupby("session")
    engaged_ms = pd.to_numeric(events.engaged_ms).fillna(0)
    started_at, ended_at = by_session.occurred_at.min(), by_session.occurred_at.max()
    page_views = count_events(events, "page_view")
    has_key_event = events.event.isin(settings()["key_events"]).groupby(events.session).any()
    return pd.DataFrame(
        {
            "visitor_id": identifier("demo_web", by_session.visitor_id.first()),
            "first_event_id": identifier("demo_web", by_session.event_id.first()),
            "started_at": started_at,
            "ended_at": ended_at,
            "started_on": to_local_day(started_at),
            "events": by_session.size(),
            "page_views": page_views,
            "product_views": count_events(events, "product_view"),
            "cart_additions": count_events(events, "add_to_cart"),
            "duration_seconds": (ended_at.dt.floor("s") - started_at.dt.floor("s")) // pd.Timedelta(seconds=1),
            "engaged_seconds": np.floor(engaged_ms.groupby(events.session).sum() / 1000 + 0.5).astype(int),
            "is_engaged": (ended_at - started_at > pd.Timedelta(seconds=10)) | has_key_event | (page_views >= 2),
            "is_robot": is_robotic(events).groupby(events.session).any(),
        }
    )


def credit_sources(sessions: pd.DataFrame, browser: pd.Series) -> pd.DataFrame:
    """Adds the source a conversion goes to: the last that was not direct, unless it is too old."""
    last = sessions.assign(since=sessions.started_at.where(sessions.source.notna()))
    # of the same session all of it: one without campaign does not get the campaign of an earlier one
    last["session"] = last.index.to_series().where(sessions.source.notna())
    last = last.groupby(browser)[["session", "since"]].ffill()
    lookback = pd.Timedelta(days=settings().get("source_lookback_days", 90))
    carried = sessions[SOURCE_COLUMNS].reindex(last.session.where(sessions.started_at - last.since <= lookback))
    return sessions.assign(**{f"conversion_{column}": carried[column].to_numpy() for column in SOURCE_COLUMNS})


def identify_sessions(sessions: pd.DataFrame, browser: pd.Series) -> pd.DataFrame:
    """Adds the person a session belongs to: logged in, else who logs in next, else who did last."""
    logins = sessions[["contact_id"]].assign(at=sessions.started_at.where(sessions.contact_id.notna()))
    later, earlier = logins.groupby(browser).bfill(), logins.groupby(browser).ffill()
    window = pd.Timedelta(days=settings()["identity_window_days"])
    ways = {
        "login": sessions.contact_id,
        "later_login": later.contact_id.where(later["at"] - sessions.started_at <= window),
        "earlier_login": earlier.contact_id.where(sessions.started_at - earlier["at"] <= window),
    }
    contact_id = pd.Series(None, index=sessions.index, dtype=object)
    identified_by = contact_id.copy()
    for way, contact in ways.items():
        found = contact_id.isna() & contact.notna()
        contact_id, identified_by = contact_id.mask(found, contact), identified_by.mask(found, way)
    return sessions.assign(contact_id=contact_id, identified_by=identified_by)


@cache
def sessions() -> pd.DataFrame:
    """One row per web session, robots and staff included."""
    events = web_events()
    rows = measure_sessions(events).join(session_sources(events))
    # who gave no consent to be recognised stays anonymous
    logins = events.contact_no.where(events.visitor_id.notna())
    rows["contact_id"] = identifier("demo_crm", logins.groupby(events.session).last())
    browser = events.groupby("session").browser.first()
    rows = identify_sessions(credit_sources(rows, browser), browser)
    account_no = rows.contact_id.str.removeprefix("demo_crm:").map(employers())
    is_staff = rows.contact_id.isin(identifier("demo_crm", pd.Series(list(staff_contacts()))))
    countable = ~rows.is_robot & ~is_staff & rows.visitor_id.notna() & (rows.started_on <= as_of())
    return rows.assign(account_id=identifier("demo_crm", account_no), is_staff=is_staff, is_valid=countable)


# ---------------------------------------------------------------------------------------------------------------------
# Orders of sessions


@cache
def web_orders() -> pd.Series:
    """First event of the session that each valid web order is credited to, by order."""
    rows = usable_orders().assign(order_id=orders().order_id, is_valid=orders().is_valid)
    rows = rows[rows.is_valid & rows.channel.isin(settings()["web_order_channels"])]
    credited = {order.order_id: session_of_order(order) for order in rows.itertuples()}
    return pd.Series(credited, name="first_event_id", dtype=object)


@cache
def purchases() -> pd.Series:
    """Number of the first session that reported each order, by order number."""
    events = web_events()
    reported = events[(events.event == "purchase") & events.order_no.notna()].sort_values(["occurred_at", "event_id"])
    return reported.drop_duplicates("order_no").set_index("order_no").session


def session_of_order(order: Any) -> str | None:
    """First event of the session of an order: the one that reported it, else the visitor's last, still warm."""
    if order.order_no in purchases():
        return sessions().first_event_id[purchases()[order.order_no]]
    if order.visitor_id is None:
        return None
    own = sessions()[sessions().visitor_id == f"demo_web:{order.visitor_id}"]
    silence = pd.Timedelta(minutes=settings()["session_timeout_minutes"])
    warm = own[(own.started_at <= order.ordered_at) & (order.ordered_at < own.ended_at + silence)]
    return None if warm.empty else warm.sort_values("started_at").first_event_id.iloc[-1]


# ---------------------------------------------------------------------------------------------------------------------
# What accounts were like


def size_class(employees: str | None) -> str | None:
    """Size class of a company by its employees."""
    if employees is None:
        return None
    return "small" if int(employees) < 50 else "medium" if int(employees) < 250 else "large"


@cache
def account_versions() -> dict[str, list[tuple[dt.date, str | None, str | None]]]:
    """First day, size and owner of each account's versions by account number, the first since ever."""
    versions: dict[str, list[tuple[dt.date, str | None, str | None]]] = {}
    changes = raw("demo_crm", "account_versions").sort_values(["account_no", "changed"])
    by_account = {account_no: list(group.itertuples()) for account_no, group in changes.groupby("account_no")}
    for account in raw("demo_crm", "accounts").itertuples():
        today = (account.size or size_class(account.employees), account.owner_rep_no)
        known = [
            (dt.date.fromisoformat(row.changed), row.size or today[0], row.owner_rep_no or today[1])
            for row in by_account.get(account.account_no, [])
        ] or [(FIRST_DAY, *today)]
        versions[account.account_no] = [(FIRST_DAY, *known[0][1:]), *known[1:]]
    return versions


@cache
def catalog_periods() -> dict[str, list[tuple[dt.date, dt.date, str]]]:
    """First and last day of each account's catalogs, by account number."""
    periods: dict[str, list[tuple[dt.date, dt.date, str]]] = {}
    for row in raw("demo_shop", "catalog_assignments").itertuples():
        last = dt.date.fromisoformat(row.valid_to) if row.valid_to else AFTER_LAST_DAY
        period = (dt.date.fromisoformat(row.valid_from), last, row.catalog_code)
        periods.setdefault(row.account_no, []).append(period)
    return periods


def account_on(account_id: str, day: dt.date) -> tuple[str | None, str | None, str | None]:
    """Size class, owner and catalog of an account on a day."""
    account_no = account_id.removeprefix("demo_crm:")
    _, size, owner = [version for version in account_versions()[account_no] if version[0] <= day][-1]
    assigned = catalog_periods().get(account_no, [])
    catalog = next((code for first, last, code in assigned if first <= day <= last), None)
    return size, owner and f"demo_crm:{owner}", catalog and f"demo_shop:{catalog}"


@cache
def account_periods() -> pd.DataFrame:
    """Periods of days in which nothing about an account changed, from the first of all days to after the last."""
    rows = []
    for account_no, versions in account_versions().items():
        assigned = catalog_periods().get(account_no, [])
        ends = [last + dt.timedelta(days=1) for _, last, _ in assigned if last < AFTER_LAST_DAY]
        starts = sorted({first for first, *_ in versions} | {first for first, *_ in assigned} | set(ends))
        for first, until in zip(starts, [*starts[1:], AFTER_LAST_DAY], strict=True):
            rows.append((f"demo_crm:{account_no}", first, until, *account_on(f"demo_crm:{account_no}", first)))
    columns = ["account_id", "valid_from", "valid_until", "company_size", "owner_rep_id", "catalog_id"]
    return merge_equal_periods(pd.DataFrame(rows, columns=columns))


def merge_equal_periods(periods: pd.DataFrame) -> pd.DataFrame:
    """Joins periods that follow each other without any change."""
    state = periods[["account_id", "company_size", "owner_rep_id", "catalog_id"]].fillna("")
    changes = state.ne(state.shift()).any(axis=1)
    merged = periods[changes].assign(valid_until=periods.valid_until.groupby(changes.cumsum()).last().to_numpy())
    return merged.reset_index(drop=True)
