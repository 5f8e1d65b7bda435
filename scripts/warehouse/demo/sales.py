"""The CRM's sales process: leads, deals with their stages, activities, agreements and quotas."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from warehouse.demo.accounts import REPS, Account
from warehouse.demo.assortment import PRICE_LIST_RATES, Assortment
from warehouse.demo.marketing import campaign_of_lead
from warehouse.demo.randomness import Block, Stream, Weighted
from warehouse.demo.tables import Tables, known, money
from warehouse.demo.timeline import (
    CLOSING,
    FIRST_DAY,
    LAST_DAY,
    any_day,
    later_at_work,
    month_starts,
    next_working_day,
    office_moment,
    years_in,
)

STAGES = ("qualified", "needs analysis", "proposal", "negotiation")
DEAL_AMOUNT = {"small": 2500.0, "medium": 9000.0, "large": 42_000.0}
CYCLE_DAYS = {"small": 20.0, "medium": 34.0, "large": 58.0}
LEAD_SOURCES = Weighted({"web form": 45, "trade fair": 16, "phone": 15, "partner": 12, "outbound": 12})
LOST_REASONS = Weighted({"price": 35, "no decision": 30, "competitor": 22, "timing": 13})
STRANGERS = 150
MONTHLY_QUOTA = {"Key accounts": 36_000.0, "Mid market": 20_000.0, "Inside sales": 9_000.0}


@dataclass
class Lead:
    """A lead; a stranger's has no account."""

    number: str
    account: Account | None
    source: str
    created: datetime
    first_response: datetime | None
    status: str
    converted: datetime | None


@dataclass
class Deal:
    """An opportunity in its latest state; amount in the account's currency.

    Attributes:
        stages: stages entered so far with the moment, the first on creation.
        closed: when it was won or lost; none while it is open.
    """

    number: str
    account: Account
    lead: Lead | None
    kind: str
    amount: float
    created: datetime
    expected_close: date
    closed: datetime | None
    outcome: str
    stages: list[tuple[str, datetime]]


def make_leads_and_deals(accounts: list[Account], block: Block) -> tuple[list[Lead], list[Deal]]:
    """Leads and deals of a block.

    A company that buys mostly came as a lead one to ten weeks before its first order, and the deal was won by then.
    Prospects' deals are lost. Customers open further deals later, most of which are lost. Other leads are strangers.
    """
    stream = block.stream("leads and deals")
    lead_numbers, deal_numbers = block.numbers("L", 3001, 1000), block.numbers("D", 3001, 1000)
    leads: list[Lead] = []
    drafts: list[tuple[datetime, Account, Lead | None, str, datetime, bool]] = []
    for account in accounts:
        if account.is_test:
            continue
        first = datetime.combine(account.first_order_on, datetime.min.time()) if account.first_order_on else None
        if account.came_on >= FIRST_DAY and stream.chance(0.88):
            lead = _account_lead(stream, account, account.came_on, is_good=True)
            leads.append(lead)
            if stream.chance(0.12):
                leads.append(_account_lead(stream, account, account.came_on + timedelta(days=9), is_good=False))
            if lead.converted:
                closed = _closing(stream, account, lead.converted, first)
                drafts.append((lead.converted, account, lead, "new business", closed, first is not None))
        since = max(account.first_order_on or LAST_DAY, FIRST_DAY)
        for _ in range(stream.poisson(2.1 * (LAST_DAY - since).days / 500)):
            created = office_moment(stream, next_working_day(any_day(stream, since)))
            drafts.append(
                (created, account, None, "extension", _closing(stream, account, created, None), stream.chance(0.11))
            )
    for _ in range(round(STRANGERS * block.share)):
        leads.append(_stranger(stream))
    leads = sorted((lead for lead in leads if lead.created <= CLOSING), key=lambda lead: lead.created)
    for lead in leads:
        lead.number = lead_numbers.next()
    drafts.sort(key=lambda draft: (draft[0], draft[1].number))
    deals = [_deal(stream, deal_numbers.next(), *draft) for draft in drafts if draft[0] <= CLOSING]
    return leads, deals


def _account_lead(stream: Stream, account: Account, day: date, is_good: bool) -> Lead:
    created = office_moment(stream, day)
    answered = later_at_work(stream, created, stream.lognormal(5, 1.0))
    converted = later_at_work(stream, answered, stream.uniform(4, 90)) if is_good else None
    if converted and account.first_order_on and converted.date() >= account.first_order_on:
        converted = answered
    if converted and converted > CLOSING:
        converted = None
    status = "converted" if converted else "working" if is_good else "duplicate"
    return Lead(
        "",
        account,
        stream.pick_from(LEAD_SOURCES),
        created,
        answered if answered <= CLOSING else None,
        status,
        converted,
    )


def _stranger(stream: Stream) -> Lead:
    created = office_moment(stream, next_working_day(any_day(stream)))
    answered = later_at_work(stream, created, stream.lognormal(9, 1.1))
    is_answered = answered <= CLOSING and stream.chance(0.88)
    status = stream.pick(("disqualified", "nurturing", "nurturing")) if is_answered else "new"
    return Lead("", None, stream.pick_from(LEAD_SOURCES), created, answered if is_answered else None, status, None)


def _closing(stream: Stream, account: Account, created: datetime, first_order: datetime | None) -> datetime:
    """When a deal is decided: on the morning of the first order, or after a usual cycle."""
    if first_order and first_order > created:
        return max(first_order + timedelta(hours=6, minutes=30), created + timedelta(hours=1))
    return later_at_work(stream, created, 24 * stream.lognormal(CYCLE_DAYS[account.size], 0.55))


def _deal(
    stream: Stream,
    number: str,
    created: datetime,
    account: Account,
    lead: Lead | None,
    kind: str,
    closing: datetime,
    is_won: bool,
) -> Deal:
    is_open = closing > CLOSING
    days = (closing - created).total_seconds() / 86_400
    # lost deals often die early, won ones go all the way
    reached = len(STAGES) if is_won else stream.integer(1, len(STAGES))
    span = min(closing, CLOSING) - created if not is_open else closing - created
    marks = sorted(stream.random() * 0.9 for _ in range(reached - 1))
    stages = [(STAGES[0], created)]
    stages += [(STAGES[n + 1], (created + span * mark).replace(microsecond=0)) for n, mark in enumerate(marks)]
    stages = [(stage, entered) for stage, entered in stages if entered <= CLOSING]
    if not is_open:
        stages.append(("closed won" if is_won else "closed lost", closing))
    amount = DEAL_AMOUNT[account.size] * stream.lognormal(1.0, 0.5) / PRICE_LIST_RATES[account.currency]
    return Deal(
        number=number,
        account=account,
        lead=lead,
        kind=kind,
        amount=round(amount, 2),
        created=created,
        expected_close=(created + timedelta(days=days * stream.uniform(0.7, 1.25))).date(),
        closed=None if is_open else closing,
        outcome="open" if is_open else "won" if is_won else "lost",
        stages=stages,
    )


def add_leads_and_deals(
    tables: Tables, leads: list[Lead], deals: list[Deal], assortment: Assortment, block: Block
) -> None:
    """Adds leads, deals and the stages that deals went through."""
    stream = block.stream("lead rows")
    for lead in leads:
        account = lead.account
        tables["demo_crm", "leads"].add(
            lead_no=lead.number,
            account_no=account.number if account else None,
            contact_no=account.contacts[0].number if account else None,
            source=lead.source,
            campaign_no=campaign_of_lead(stream, lead.source, lead.created.date()),
            created=lead.created,
            first_response=lead.first_response,
            status=lead.status,
            converted=lead.converted,
            rep_no=account.rep_on(lead.created.date()) if account else stream.pick(REPS[7:]).number,
            country=account.country if account else stream.pick(("PL", "PL", "DE", "CZ")),
        )
    rows = block.stream("deal rows")
    for deal in deals:
        _add_deal(tables, deal, assortment, rows)


def _add_deal(tables: Tables, deal: Deal, assortment: Assortment, stream: Stream) -> None:
    reason = stream.pick_from(LOST_REASONS) if deal.outcome == "lost" else None
    tables["demo_crm", "opportunities"].add(
        deal_no=deal.number,
        account_no=deal.account.number,
        rep_no=deal.account.rep_on(deal.created.date()),
        lead_no=deal.lead.number if deal.lead else None,
        campaign_no=campaign_of_lead(stream, deal.lead.source, deal.created.date()) if deal.lead else None,
        sku=stream.pick_from(assortment.choices[deal.account.catalog_on(deal.created.date())]).sku,
        stage=deal.stages[-1][0],
        amount=money(deal.amount),
        currency=deal.account.currency,
        created=deal.created,
        expected_close=deal.expected_close,
        closed=deal.closed,
        outcome=deal.outcome,
        lost_reason=reason,
        competitor=stream.pick(("Biuro24", "HurtMax", "ProSupply")) if reason == "competitor" else None,
        deal_type=deal.kind,
    )
    for stage, entered in deal.stages:
        tables["demo_crm", "stages"].add(deal_no=deal.number, stage=stage, entered=entered)


def add_activities(tables: Tables, accounts: list[Account], deals: list[Deal], block: Block) -> None:
    """Adds what reps do: around deals, and regular calls to customers."""
    stream = block.stream("activities")
    numbers = block.numbers("AC", 100_001, 10_000)
    found = [*_deal_activities(stream, deals), *_regular_activities(stream, accounts)]
    for happened, account, deal_no in sorted(found, key=lambda item: (item[0], item[1].number, item[2])):
        kind = stream.pick(("call", "call", "email", "email", "email", "meeting", "demo"))
        tables["demo_crm", "activities"].add(
            activity_no=numbers.next(),
            kind=kind,
            rep_no=account.rep_on(happened.date()),
            account_no=account.number,
            contact_no=stream.pick(account.buyers_on(happened.date())).number,
            deal_no=deal_no,
            occurred=happened,
            minutes={"call": stream.integer(3, 30), "email": None}.get(kind, stream.integer(30, 120)),
            direction="inbound" if kind in ("call", "email") and stream.chance(0.35) else "outbound",
        )


def _deal_activities(stream: Stream, deals: list[Deal]) -> Iterator[tuple[datetime, Account, str]]:
    for deal in deals:
        ends = deal.closed or CLOSING
        # every eighth open deal is forgotten by its rep
        if deal.closed is None and stream.chance(0.125):
            ends = min(CLOSING, deal.created + timedelta(days=10))
        for _ in range(stream.integer(1, 5)):
            moment = later_at_work(
                stream, deal.created, 0.97 * stream.random() * (ends - deal.created).total_seconds() / 3600
            )
            if moment <= CLOSING:
                yield moment, deal.account, deal.number


def _regular_activities(stream: Stream, accounts: list[Account]) -> Iterator[tuple[datetime, Account, str]]:
    every = {"small": 120.0, "medium": 60.0, "large": 28.0}
    for account in accounts:
        if account.is_test or account.first_order_on is None:
            continue
        last = min(LAST_DAY, (account.orders_on or [account.first_order_on])[-1] + timedelta(days=120))
        day = account.first_order_on + timedelta(days=round(stream.exponential(every[account.size])))
        while day <= last:
            moment = office_moment(stream, next_working_day(day))
            if moment <= CLOSING:
                yield moment, account, ""
            day += timedelta(days=1 + round(stream.exponential(every[account.size])))


def add_agreements(tables: Tables, accounts: list[Account], block: Block) -> None:
    """Adds yearly frame agreements of medium and large customers, renewed while they buy."""
    stream = block.stream("agreements")
    numbers = block.numbers("AG", 1001, 1000)
    for account in accounts:
        shares = {"small": 0.06, "medium": 0.45, "large": 0.85}
        if account.is_test or not account.orders_on or not stream.chance(shares[account.size]):
            continue
        starts = (account.orders_on[0] + timedelta(days=stream.integer(10, 90))).replace(day=1)
        notice = stream.pick((30, 60, 90))
        while starts <= min(LAST_DAY, account.orders_on[-1]):
            ends = starts.replace(year=starts.year + 1) - timedelta(days=1)
            volume = DEAL_AMOUNT[account.size] * stream.uniform(4, 9) / PRICE_LIST_RATES[account.currency]
            tables["demo_crm", "agreements"].add(
                agreement_no=numbers.next(),
                account_no=account.number,
                rep_no=account.rep,
                kind=stream.pick(("frame agreement", "frame agreement", "price agreement")),
                starts=starts,
                ends=ends,
                notice_days=notice,
                annual_volume=money(round(volume, -3)),
                currency=account.currency,
                payment_terms=account.terms,
                signed=known(next_working_day(starts - timedelta(days=stream.integer(3, 25)))),
            )
            if not stream.chance(0.85):
                break
            starts = ends + timedelta(days=1)


def add_quotas(tables: Tables, seed: int, scale: float) -> None:
    """Adds each rep's monthly quota; it grows with the company."""
    stream = Block(seed, 0).stream("quotas")
    for rep in REPS:
        level = MONTHLY_QUOTA[rep.team] * stream.uniform(0.85, 1.15) * scale
        for month in month_starts():
            quota = level * (1 + 0.22 * years_in(month))
            tables["demo_crm", "quotas"].add(
                rep_no=rep.number, month=month, quota=money(round(quota, -2)), currency="PLN"
            )
