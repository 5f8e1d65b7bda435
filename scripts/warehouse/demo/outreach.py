"""Campaigns, advertising, e-mails and search results of the demo marketing system, and its service desk."""

from datetime import UTC, datetime, timedelta

from warehouse.demo.crm import Account
from warehouse.demo.tables import FIRST_DAY, LAST_DAY, SEASON, Row, any_day, local, money, office_moment, stream, utc
from warehouse.demo.trade import CUTOFF, OrderBook
from warehouse.demo.web import KEYWORDS

CAMPAIGNS = [
    ("K01", "autumn", "search", "2024-07-01", ""),
    ("K02", "spring-fair", "fair", "2025-03-01", "2025-04-15"),
    ("K03", "retargeting", "social", "2025-01-01", ""),
    ("K04", "newsletter", "email", "2024-07-01", ""),
]


def campaign_rows() -> list[Row]:
    """Four campaigns, named like the utm_campaign of their links."""
    return [
        {"campaign_no": number, "name": name, "channel": channel, "starts": first, "ends": last}
        for number, name, channel, first, last in CAMPAIGNS
    ]


def ad_spend_rows() -> list[Row]:
    """Daily cost of the paid campaigns in PLN."""
    source = stream("ad spend")
    rows: list[Row] = []
    for number, _, channel, first, last in CAMPAIGNS:
        if channel not in ("search", "social"):
            continue
        day = max(FIRST_DAY, datetime.fromisoformat(first).date())
        while day <= (datetime.fromisoformat(last).date() if last else LAST_DAY):
            impressions = int(source.lognormvariate(6.2 if channel == "search" else 7.0, 0.3) * SEASON[day.month])
            clicks = int(impressions * source.uniform(0.015, 0.045) * (0.4 if day.weekday() >= 5 else 1))
            rows.append(
                {
                    "day": day.isoformat(),
                    "campaign_no": number,
                    "channel": channel,
                    "impressions": impressions,
                    "clicks": clicks,
                    "cost": money(clicks * source.uniform(2.2, 4.8)),
                    "currency": "PLN",
                }
            )
            day += timedelta(days=1)
    return rows


def email_rows(contacts: list[Row]) -> list[Row]:
    """A newsletter on the first Tuesday of each quarter month to who agreed to it, and what became of it."""
    source = stream("emails")
    readers = [str(row["contact_no"]) for row in contacts if row["marketing_consent"] == "yes"]
    rows: list[Row] = []

    def add(contact: str, name: str, moment: datetime, is_machine: bool = False) -> None:
        rows.append(
            {
                "event_no": f"M{len(rows) + 1:06d}",
                "campaign_no": "K04",
                "contact_no": contact,
                "event": name,
                "occurred": utc(moment),
                "machine": "yes" if is_machine else "no",
            }
        )

    for number in range(9):
        sent = datetime(2024 + (7 + 3 * number) // 12, (7 + 3 * number) % 12 + 1, 5, 9, 0)
        if sent > CUTOFF:
            break
        for contact in readers:
            add(contact, "sent", sent)
            fate = source.random()
            if fate < 0.02:
                add(contact, "hard_bounce" if fate < 0.008 else "soft_bounce", sent + timedelta(seconds=20))
                continue
            if source.random() < 0.15:
                add(contact, "open", sent + timedelta(seconds=2), is_machine=True)
            if source.random() < 0.34:
                opened = sent + timedelta(hours=source.lognormvariate(1.5, 1.2))
                add(contact, "open", opened)
                if source.random() < 0.16:
                    add(contact, "click", opened + timedelta(seconds=source.uniform(5, 90)))
                elif source.random() < 0.008:
                    add(contact, "unsubscribe", opened + timedelta(seconds=30))
    return [row for row in rows if str(row["occurred"]) < CUTOFF.replace(tzinfo=UTC).isoformat()]


def search_rows() -> list[Row]:
    """Weekly search results per keyword."""
    source = stream("search")
    rows: list[Row] = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        for rank, keyword in enumerate(KEYWORDS):
            impressions = int(source.lognormvariate(5.5 - 0.4 * rank, 0.25) * SEASON[day.month])
            position = 2.5 + 2 * rank + source.uniform(-0.8, 0.8)
            rows.append(
                {
                    "day": day.isoformat(),
                    "keyword": keyword,
                    "page": "/category",
                    "impressions": impressions,
                    "clicks": int(impressions * 0.3 / position),
                    "position": f"{position:.2f}",
                }
            )
        day += timedelta(days=7)
    return rows


def inquiry_rows(accounts: list[Account]) -> list[Row]:
    """Questions to the service desk: most answered within the day, some never."""
    source = stream("inquiries")
    customers = [account for account in accounts if account.first_order_on and not account.is_test]
    rows: list[Row] = []
    for number in range(620):
        account = source.choice(customers)
        day = any_day(source)
        if account.first_order_on is None or day < account.first_order_on:
            continue
        created = office_moment(source, day)
        answered = created + timedelta(hours=source.lognormvariate(1.1, 1.2))
        resolved = answered + timedelta(hours=source.lognormvariate(2.2, 1.1))
        is_answered = source.random() > 0.05 and answered <= CUTOFF
        rows.append(
            {
                "ticket_no": f"T-{90001 + number}",
                "account_no": account.number,
                "contact_no": source.choice(account.contacts),
                "channel": source.choice(["email", "email", "phone", "chat"]),
                "created": local(created),
                "first_response": local(answered) if is_answered else "",
                "resolved": local(resolved) if is_answered and resolved <= CUTOFF else "",
            }
        )
    return rows


def survey_rows(accounts: list[Account]) -> list[Row]:
    """Half-yearly NPS, CSAT and willingness surveys; a third answer, and larger companies are happier."""
    source = stream("surveys")
    rows: list[Row] = []
    for sent in (
        datetime(2025, 1, 14, 10),
        datetime(2025, 7, 15, 10),
        datetime(2026, 1, 13, 10),
        datetime(2026, 7, 14, 10),
    ):
        for account in accounts:
            if account.is_test or account.first_order_on is None or account.first_order_on > sent.date():
                continue
            for contact in account.contacts[:2]:
                for kind in ("nps", "csat", "willingness"):
                    answers = source.random() < 0.33
                    mood = min(
                        1.0,
                        max(0.0, source.betavariate(6, 2) + {"small": -0.05, "medium": 0, "large": 0.07}[account.size]),
                    )
                    score = round(mood * 10) if kind == "nps" else 1 + round(mood * 4)
                    rows.append(
                        {
                            "response_no": f"V-{70001 + len(rows)}",
                            "survey": kind,
                            "account_no": account.number,
                            "contact_no": contact,
                            "score": score if answers else "",
                            "sent": local(sent),
                            "answered": local(sent + timedelta(hours=source.uniform(1, 200))) if answers else "",
                        }
                    )
    return rows


def review_rows(book: OrderBook) -> list[Row]:
    """Reviews of items a few weeks after web orders."""
    source = stream("reviews")
    rows: list[Row] = []
    for order in book.placed:
        reviewed = order.placed + timedelta(days=source.uniform(10, 40))
        if order.account is None or not order.visitor or source.random() > 0.35 or reviewed > CUTOFF:
            continue
        rows.append(
            {
                "review_no": f"RV-{len(rows) + 1:04d}",
                "sku": order.skus[0],
                "account_no": order.account.number,
                "score": source.choices([1, 2, 3, 4, 5], [4, 6, 15, 35, 40])[0],
                "reviewed": local(reviewed),
            }
        )
    return rows
