"""The marketing system: campaigns, advertising spend, newsletters and performance in search. Times are UTC."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from warehouse.demo.accounts import Account
from warehouse.demo.randomness import Block, Stream
from warehouse.demo.tables import Tables, decimals, money
from warehouse.demo.timeline import CLOSING, FIRST_DAY, LAST_DAY, SEASON, days_between, utc_of, years_in

# Search keywords with their share of visits and how much likelier such a visit bounces.
KEYWORDS: tuple[tuple[str, int, float], ...] = (
    ("free moving boxes", 10, 1.60), ("office chair", 16, 1.35), ("packaging supplies", 18, 1.10),
    ("safety gloves bulk", 14, 0.90), ("pallet rack price", 12, 0.95), ("label printer", 10, 1.00),
    ("demo wholesale", 14, 0.55), ("demo wholesale login", 6, 0.45),
)  # fmt: skip
# Positions in KEYWORDS of those for the own brand.
BRAND_KEYWORDS = (6, 7)
LANDING_PAGES = ("/c/1", "/c/7", "/c/1", "/c/4", "/c/6", "/c/8", "/", "/")

# First Tuesday of every second month, the last one on the 8th.
NEWSLETTER_DAYS = tuple(
    date(2024 + (6 + 2 * number) // 12, (6 + 2 * number) % 12 + 1, day)
    for number, day in enumerate((2, 3, 5, 7, 4, 6, 1, 2, 4, 6, 3, 5, 7, 8))
)


@dataclass(frozen=True)
class Campaign:
    """A campaign; `clicks_a_day` is 0 where it buys no clicks.

    Attributes:
        click_cost: mean cost of a click, in the campaign's currency.
        click_rate: clicks per impression.
    """

    number: str
    name: str
    channel: str
    source: str
    medium: str
    objective: str
    starts: date
    ends: date | None
    budget: float
    currency: str = "PLN"
    clicks_a_day: float = 0.0
    click_cost: float = 0.0
    click_rate: float = 0.02


CAMPAIGNS = (
    Campaign("K01", "Brand search", "search", "google", "cpc", "orders", FIRST_DAY, None, 9_000,
             clicks_a_day=0.6, click_cost=3.2, click_rate=0.12),
    Campaign("K02", "Generic search", "search", "google", "cpc", "leads", FIRST_DAY, None, 30_000,
             clicks_a_day=1.0, click_cost=14.5, click_rate=0.03),
    Campaign("K03", "Shopping ads", "shopping", "google", "cpc", "orders", FIRST_DAY, None, 8_000,
             clicks_a_day=0.3, click_cost=9.0, click_rate=0.01),
    Campaign("K04", "Autumn push 2024", "search", "google", "cpc", "orders", date(2024, 9, 1), date(2024, 11, 30),
             9_000, clicks_a_day=0.8, click_cost=12.0, click_rate=0.03),
    Campaign("K05", "LinkedIn buyers", "social", "linkedin", "paid_social", "leads", date(2025, 2, 3), None, 6_000,
             currency="EUR", clicks_a_day=0.35, click_cost=6.5, click_rate=0.006),
    Campaign("K06", "Trade fair Poznań 2025", "event", "", "event", "leads", date(2025, 4, 8), date(2025, 4, 11),
             38_000),
    Campaign("K07", "Trade fair Poznań 2026", "event", "", "event", "leads", date(2026, 4, 14), date(2026, 4, 17),
             42_000),
    Campaign("K08", "Partner programme", "partner", "partner", "referral", "leads", date(2024, 10, 1), None, 12_000),
    Campaign("K09", "Autumn push 2025", "search", "google", "cpc", "orders", date(2025, 9, 1), date(2025, 11, 30),
             11_000, clicks_a_day=1.0, click_cost=12.5, click_rate=0.03),
    Campaign("K10", "Autumn push 2026", "search", "google", "cpc", "orders", date(2026, 9, 1), date(2026, 11, 30),
             12_000, clicks_a_day=1.2, click_cost=13.0, click_rate=0.03),
)  # fmt: skip
AUTUMN_PUSH = {2024: "K04", 2025: "K09", 2026: "K10"}


def newsletter_number(position: int) -> str:
    """Campaign number of a newsletter by its position in NEWSLETTER_DAYS."""
    return f"K{21 + position}"


def campaign_of_lead(stream: Stream, source: str, day: date) -> str | None:
    """The campaign to which the CRM ascribes a lead, if any."""
    if source == "trade fair":
        return "K07" if day >= date(2026, 4, 14) else "K06" if day >= date(2025, 4, 8) else None
    if source == "partner":
        return "K08" if day >= date(2024, 10, 1) else None
    if source == "web form" and stream.chance(0.55):
        running = [c for c in CAMPAIGNS if c.clicks_a_day and c.starts <= day <= (c.ends or LAST_DAY)]
        return stream.pick(running).number
    return None


def add_marketing(tables: Tables, seed: int, scale: float) -> None:
    """Adds campaigns, daily spend and daily performance in search."""
    _add_campaigns(tables)
    _add_spend(tables, Block(seed, 0).stream("ad spend"), scale)
    _add_search(tables, Block(seed, 0).stream("search performance"), scale)


def _add_campaigns(tables: Tables) -> None:
    for campaign in CAMPAIGNS:
        tables["demo_marketing", "campaigns"].add(
            campaign_no=campaign.number,
            name=campaign.name,
            channel=campaign.channel,
            source=campaign.source,
            medium=campaign.medium,
            objective=campaign.objective,
            starts=campaign.starts,
            ends=campaign.ends,
            budget=money(campaign.budget),
            currency=campaign.currency,
        )
    for position, day in enumerate(NEWSLETTER_DAYS):
        tables["demo_marketing", "campaigns"].add(
            campaign_no=newsletter_number(position),
            name=f"Newsletter {day:%Y-%m}",
            channel="email",
            source="newsletter",
            medium="email",
            objective="repeat orders",
            starts=day,
            ends=day + timedelta(days=14),
            budget=money(600),
            currency="PLN",
        )


def _add_spend(tables: Tables, stream: Stream, scale: float) -> None:
    for day in days_between(FIRST_DAY, LAST_DAY):
        level = SEASON[day.month] * (0.35 if day.weekday() >= 5 else 1.0) * (1 + 0.2 * years_in(day)) * scale
        for campaign in CAMPAIGNS:
            if not campaign.starts <= day <= (campaign.ends or LAST_DAY):
                continue
            if campaign.channel == "event":
                days = (campaign.ends - campaign.starts).days + 1 if campaign.ends else 1
                _spend_row(tables, day, campaign, 0, 0, campaign.budget / days)
            elif campaign.clicks_a_day:
                expected = campaign.clicks_a_day * level
                clicks = (
                    stream.poisson(expected) if expected < 30 else max(0, round(stream.normal(expected, expected**0.5)))
                )
                impressions = round((clicks + 0.6 * expected) / 1.6 / campaign.click_rate * stream.uniform(0.8, 1.25))
                cost = sum(stream.lognormal(campaign.click_cost, 0.25) for _ in range(min(clicks, 20)))
                cost *= clicks / min(clicks, 20) if clicks else 0.0
                _spend_row(
                    tables,
                    day,
                    campaign,
                    max(clicks, impressions),
                    clicks,
                    cost,
                    stream.poisson(0.05 * min(clicks, 500)),
                )


def _spend_row(
    tables: Tables, day: date, campaign: Campaign, impressions: int, clicks: int, cost: float, conversions: int = 0
) -> None:
    tables["demo_marketing", "ad_spend"].add(
        day=day,
        campaign_no=campaign.number,
        channel=campaign.channel,
        impressions=impressions,
        clicks=clicks,
        cost=money(cost),
        currency=campaign.currency,
        reported_conversions=conversions,
    )


def _add_search(tables: Tables, stream: Stream, scale: float) -> None:
    """Performance by day and keyword; `(other)` are searches too rare to be named."""
    ranks = [stream.uniform(1.2, 2.0) if n in BRAND_KEYWORDS else stream.uniform(4, 14) for n in range(len(KEYWORDS))]
    for day in days_between(FIRST_DAY, LAST_DAY - timedelta(days=2)):
        level = SEASON[day.month] * (0.4 if day.weekday() >= 5 else 1.0) * (1 + 0.25 * years_in(day)) * scale
        for number, (keyword, share, _) in enumerate(KEYWORDS):
            _search_row(tables, stream, day, keyword, LANDING_PAGES[number], share * 2.2 * level, ranks[number])
        _search_row(tables, stream, day, "(other)", "/", 70 * level, 11.0)


def _search_row(
    tables: Tables, stream: Stream, day: date, keyword: str, page: str, expected: float, rank: float
) -> None:
    position = max(1.0, rank * stream.uniform(0.85, 1.2))
    impressions = max(0, round(stream.normal(expected, expected**0.5)))
    clicks = min(impressions, round(impressions * 0.32 / position**1.1 * stream.uniform(0.5, 1.5)))
    tables["demo_marketing", "search_results"].add(
        day=day, keyword=keyword, page=page, impressions=impressions, clicks=clicks, position=decimals(position, 1)
    )


def add_emails(tables: Tables, accounts: list[Account], block: Block) -> None:
    """Adds what happened to each newsletter sent: bounces, opens and clicks of people and of machines, farewells."""
    stream = block.stream("emails")
    numbers, messages = block.numbers("EE", 1_000_001, 100_000), block.numbers("M", 1_000_001, 100_000)
    readers = [(contact, stream.uniform(0.08, 0.5)) for account in accounts if not account.is_test
               for contact in account.contacts if contact.has_consent]  # fmt: skip
    gone: set[str] = set()
    for position, day in enumerate(NEWSLETTER_DAYS):
        campaign, at = newsletter_number(position), datetime(day.year, day.month, day.day, 9, 0)
        for contact, interest in readers:
            if contact.since > day or contact.number in gone or not stream.chance(0.85):
                continue
            message = messages.next()
            events = list(_message_events(stream, at, interest))
            if events[-1][1] in ("hard_bounce", "unsubscribe"):
                gone.add(contact.number)
            for moment, event, is_machine in events:
                if moment <= CLOSING:
                    tables["demo_marketing", "emails"].add(
                        event_no=numbers.next(),
                        message_no=message,
                        campaign_no=campaign,
                        contact_no=contact.number,
                        event=event,
                        occurred=utc_of(moment),
                        machine=is_machine,
                    )


def _message_events(stream: Stream, sent: datetime, interest: float) -> list[tuple[datetime, str, bool]]:
    sent += timedelta(seconds=stream.integer(0, 1500))
    events = [(sent, "sent", False)]
    if stream.chance(0.022):
        return [*events, (sent + timedelta(seconds=20), "hard_bounce" if stream.chance(0.3) else "soft_bounce", False)]
    if stream.chance(0.17):
        events.append((sent + timedelta(seconds=stream.integer(1, 90)), "open", True))
    if stream.chance(0.03):
        events.append((sent + timedelta(seconds=1), "click", True))
    if stream.chance(interest):
        opened = sent + timedelta(minutes=int(stream.lognormal(160, 1.2)))
        events.append((opened, "open", False))
        if stream.chance(0.16):
            events.append((opened + timedelta(seconds=stream.integer(8, 240)), "click", False))
        if stream.chance(0.008):
            events.append((opened + timedelta(seconds=stream.integer(20, 90)), "unsubscribe", False))
    return events
