"""Accounts, people, reps, leads and deals of the demo company."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from warehouse.demo.tables import FIRST_DAY, LAST_DAY, Row, any_day, local, money, office_moment, stream

INDUSTRIES = ["Manufacturing", "Construction", "Logistics", "Retail", "Healthcare", "Professional services"]
COUNTRIES = (["PL"] * 58) + (["DE"] * 16) + (["CZ"] * 10) + (["SK"] * 6) + (["LT"] * 4) + (["NL"] * 3) + (["US"] * 3)
CURRENCIES = {"PL": "PLN", "DE": "EUR", "SK": "EUR", "LT": "EUR", "NL": "EUR", "CZ": "CZK", "US": "USD"}
SOURCES = ["organic search", "paid search", "trade fair", "referral", "outbound", "partner"]
SIZES = {"small": (4, 49), "medium": (50, 249), "large": (250, 4000)}
NAME_STEMS = [
    "Alfa", "Baltic", "Bielik", "Bursztyn", "Carpathia", "Delta", "Dunajec", "Elbrus", "Fenix", "Galeon", "Gryf",
    "Horyzont", "Jantar", "Karat", "Kormoran", "Kwarc", "Lotos", "Magnolia", "Mazur", "Narew", "Nordic", "Odra",
    "Orlik", "Pegaz", "Pilica", "Polaris", "Rubin", "Sokol", "Tatra", "Tempo", "Topaz", "Vistula", "Warta", "Zenit",
]  # fmt: skip
NAME_ENDINGS = ["Group", "Trade", "Systems", "Logistics", "Services", "Works", "Solutions", "Supply"]
JOBS = [
    ("Purchasing manager", "manager", "purchasing"),
    ("Office manager", "specialist", "user"),
    ("Operations director", "director", "decision maker"),
    ("Facility specialist", "specialist", "user"),
    ("Finance director", "director", "approver"),
    ("Warehouse manager", "manager", "influencer"),
]
REPS = [
    ("R01", "Anna Wrona", "Key accounts", "North"), ("R02", "Piotr Lis", "Key accounts", "South"),
    ("R03", "Ewa Sikora", "Key accounts", "Export"), ("R04", "Jan Bocian", "Mid market", "North"),
    ("R05", "Zofia Kos", "Mid market", "North"), ("R06", "Adam Gil", "Mid market", "South"),
    ("R07", "Maja Dudek", "Mid market", "Export"), ("R08", "Karol Czapla", "Inside sales", "North"),
    ("R09", "Hanna Zima", "Inside sales", "South"), ("R10", "Oskar Wilk", "Inside sales", "South"),
    ("R11", "Nina Sowa", "Inside sales", "Export"), ("R12", "Filip Bobrowski", "Inside sales", "Export"),
]  # fmt: skip
MANAGERS = {"Key accounts": "Marta Jelen", "Mid market": "Tomasz Rys", "Inside sales": "Julia Borsuk"}
STAGES = ["qualified", "needs analysis", "proposal", "negotiation"]


@dataclass
class Account:
    """A company as the other parts of the generator see it.

    Attributes:
        number: account number of the CRM.
        interval_days: mean days between orders.
        first_order_on: day of the first order; None for a prospect who never buys.
        contacts: contact numbers, the first one being the main buyer.
        has_login: whether the people can log in to the shop.
    """

    number: str
    size: str
    country: str
    rep: str
    terms: int
    interval_days: float
    first_order_on: date | None
    is_test: bool = False
    has_login: bool = True
    contacts: list[str] = field(default_factory=list)

    @property
    def currency(self) -> str:
        """Currency the company is invoiced in."""
        return CURRENCIES[self.country]


def make_accounts(count: int) -> list[Account]:
    """Companies, more of them small; new ones join all the time and a fifth never buy."""
    source = stream("accounts")
    accounts = []
    for index in range(count):
        size = source.choices(["small", "medium", "large"], [55, 32, 13])[0]
        mean_interval = {"small": 75, "medium": 48, "large": 26}[size]
        days_in_business = (LAST_DAY - FIRST_DAY).days
        joined = FIRST_DAY + timedelta(days=int(days_in_business * source.random() ** 1.35))
        accounts.append(
            Account(
                number=f"A{1001 + index}",
                size=size,
                country=source.choice(COUNTRIES),
                rep=source.choice([rep[0] for rep in REPS[(0 if size == "large" else 3) :]]),
                terms=source.choice([30, 30, 60, 90] if size == "large" else [30, 30, 30, 60]),
                interval_days=mean_interval * source.lognormvariate(0, 0.35),
                first_order_on=joined if source.random() < 0.8 else None,
                has_login=source.random() < 0.75,
            )
        )
    return accounts


def account_rows(accounts: list[Account]) -> list[Row]:
    """The CRM's account list."""
    source = stream("account rows")
    rows = []
    for index, account in enumerate(accounts):
        name = f"{source.choice(NAME_STEMS)} {source.choice(NAME_ENDINGS)}"
        opened_on = (account.first_order_on or any_day(source)) - timedelta(days=source.randint(5, 120))
        parent = source.choice(accounts[:20]).number if index >= 20 and source.random() < 0.06 else ""
        rows.append(
            {
                "account_no": account.number,
                "name": "Own staff and testers" if account.is_test else f"{name} {account.number[1:]}",
                "parent_account_no": parent,
                "industry": source.choice(INDUSTRIES),
                "employees": source.randint(*SIZES[account.size]),
                "country": account.country,
                "source": source.choice(SOURCES),
                "owner_rep_no": account.rep,
                "payment_terms": account.terms,
                "credit_limit": money({"small": 15000, "medium": 60000, "large": 250000}[account.size]),
                "created": local(office_moment(source, opened_on)),
                "is_test": "yes" if account.is_test else "no",
            }
        )
    return rows


def contact_rows(accounts: list[Account]) -> list[Row]:
    """People at the accounts; fills Account.contacts."""
    source = stream("contacts")
    rows: list[Row] = []
    for account in accounts:
        people = source.randint(*{"small": (1, 2), "medium": (1, 4), "large": (3, 8)}[account.size])
        for position in range(people):
            number = f"C{10001 + len(rows)}"
            title, level, role = JOBS[position % len(JOBS)] if position else source.choice(JOBS[:2])
            account.contacts.append(number)
            domain = "demo-wholesale.example" if account.is_test else f"{account.number.lower()}.example"
            rows.append(
                {
                    "contact_no": number,
                    "account_no": account.number,
                    "full_name": f"Person {number}",
                    "email": f"{number.lower()}@{domain}",
                    "job_title": title,
                    "job_level": level,
                    "buying_role": role,
                    "age_band": source.choice(["25-34", "35-44", "45-54", "55-64"]),
                    "gender": source.choice(["f", "m", ""]),
                    "education": source.choice(["secondary", "bachelor", "master"]),
                    "marketing_consent": source.choice(["yes", "yes", "no"]),
                    "shop_login": "yes" if account.has_login else "no",
                    "created": local(office_moment(source, account.first_order_on or any_day(source))),
                }
            )
    return rows


def rep_rows() -> list[Row]:
    """The sales team."""
    return [
        {"rep_no": number, "name": name, "manager": MANAGERS[team], "team": team, "region": region}
        for number, name, team, region in REPS
    ]


def lead_and_deal_rows(accounts: list[Account], skus: list[str]) -> tuple[list[Row], list[Row]]:
    """Leads, and the deals that some of them became.

    A company that buys came through a lead one to ten weeks before its first order; the rest of the leads are
    prospects and unknown companies. Customers open further deals later.
    """
    source = stream("leads")
    leads: list[Row] = []
    deals: list[Row] = []
    for account in accounts:
        if account.is_test:
            continue
        ready_on = account.first_order_on or any_day(source)
        came_on = ready_on - timedelta(days=source.randint(7, 70))
        if came_on >= FIRST_DAY and source.random() < 0.85:
            lead = _lead(source, leads, account, came_on)
            leads.append(lead)
            if source.random() < 0.15:
                leads.append(_lead(source, leads, account, came_on + timedelta(days=source.randint(3, 60))))
            won = account.first_order_on is not None
            deals.append(_deal(source, deals, account, skus, str(lead["lead_no"]), came_on, won))
        for _ in range(source.choice([0, 1, 1, 2, 3, 4])):
            opened_on = ready_on + timedelta(days=source.randint(30, 500))
            if opened_on <= LAST_DAY:
                deals.append(_deal(source, deals, account, skus, "", opened_on, source.random() < 0.2))
    for _ in range(140):
        leads.append(_lead(source, leads, None, any_day(source)))
    return leads, deals


def version_rows(accounts: list[Account]) -> list[Row]:
    """What accounts were like before: one in eight grew into its size class, one in ten changed its rep."""
    source = stream("account versions")
    smaller = {"medium": "small", "large": "medium"}
    rows: list[Row] = []
    for account in accounts:
        joined = account.first_order_on
        if account.is_test or joined is None or joined > LAST_DAY - timedelta(days=200):
            continue
        grew = account.size in smaller and source.random() < 0.25
        changed_rep = source.random() < 0.1
        if not grew and not changed_rep:
            continue
        changed_on = joined + timedelta(days=source.randint(90, (LAST_DAY - joined).days - 60))
        before = {
            "size": smaller[account.size] if grew else account.size,
            "owner_rep_no": source.choice(REPS)[0] if changed_rep else account.rep,
        }
        now = {"size": account.size, "owner_rep_no": account.rep}
        for day, values in ((FIRST_DAY - timedelta(days=400), before), (changed_on, now)):
            rows.append({"account_no": account.number, "changed": day.isoformat(), **values})
    return rows


def quota_rows() -> list[Row]:
    """Monthly sales quotas of the reps, higher for key accounts."""
    base = {"Key accounts": 26000, "Mid market": 15000, "Inside sales": 7000}
    months = [date(2024 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(27)]
    return [
        {"rep_no": rep, "month": month.isoformat(), "quota": money(base[team] * (1 + 0.02 * n)), "currency": "PLN"}
        for rep, _, team, _ in REPS
        for n, month in enumerate(months)
    ]


def stage_rows(deals: list[Row]) -> list[Row]:
    """The stages each deal went through, evenly spread between opening and decision; lost deals end anywhere."""
    source = stream("stages")
    rows: list[Row] = []
    for deal in deals:
        created = datetime.fromisoformat(str(deal["created"]))
        closed = datetime.fromisoformat(str(deal["closed"])) if deal["closed"] else None
        reached = STAGES if deal["outcome"] == "won" else STAGES[: source.randint(1, len(STAGES))]
        if closed is None:
            reached = STAGES[: STAGES.index(str(deal["stage"])) + 1]
        end = closed or datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12)
        for number, stage in enumerate(reached):
            entered = created + (end - created) * (number / len(reached))
            rows.append({"deal_no": deal["deal_no"], "stage": stage, "entered": local(entered)})
        if closed is not None:
            rows.append({"deal_no": deal["deal_no"], "stage": deal["stage"], "entered": local(closed)})
    return rows


def activity_rows(accounts: list[Account], deals: list[Row]) -> list[Row]:
    """Calls, meetings and e-mails: several per deal, and a call now and then to every customer."""
    source = stream("activities")
    by_number = {account.number: account for account in accounts}
    rows: list[Row] = []

    def add(account: Account, moment: datetime, deal: object) -> None:
        rows.append(
            {
                "activity_no": f"X{50001 + len(rows)}",
                "kind": source.choice(["call", "call", "email", "meeting"]),
                "rep_no": account.rep,
                "account_no": account.number,
                "contact_no": source.choice(account.contacts[:4]),
                "deal_no": deal,
                "occurred": local(moment),
            }
        )

    last = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 17)
    for deal in deals:
        created = datetime.fromisoformat(str(deal["created"]))
        end = datetime.fromisoformat(str(deal["closed"])) if deal["closed"] else last
        for _ in range(source.randint(1, 4)):
            add(by_number[str(deal["account_no"])], created + (end - created) * source.random(), deal["deal_no"])
    for account in accounts:
        if account.first_order_on is None or account.is_test:
            continue
        day = account.first_order_on
        while (day := day + timedelta(days=source.randint(40, 160))) <= LAST_DAY:
            add(account, office_moment(source, day), "")
    return [row for row in rows if str(row["occurred"]) <= local(last)]


def agreement_rows(accounts: list[Account]) -> list[Row]:
    """Yearly framework agreements of the larger customers."""
    source = stream("agreements")
    rows: list[Row] = []
    for account in accounts:
        if account.size == "small" or account.first_order_on is None or source.random() < 0.4:
            continue
        first = account.first_order_on + timedelta(days=source.randint(0, 60))
        while first <= LAST_DAY:
            last = first + timedelta(days=364)
            rows.append(
                {
                    "agreement_no": f"F{6001 + len(rows)}",
                    "account_no": account.number,
                    "rep_no": account.rep,
                    "starts": first.isoformat(),
                    "ends": last.isoformat(),
                    "notice_days": source.choice([30, 60, 90]),
                }
            )
            first = last + timedelta(days=1)
    return rows


def _lead(source: random.Random, leads: list[Row], account: Account | None, day: date) -> Row:
    created = office_moment(source, min(day, LAST_DAY))
    answered = created + timedelta(hours=source.lognormvariate(1.6, 1.1))
    return {
        "lead_no": f"L{2001 + len(leads)}",
        "account_no": account.number if account else "",
        "contact_no": account.contacts[0] if account else "",
        "source": source.choice(["web form", "web form", "trade fair", "phone", "partner"]),
        "campaign_no": source.choice(["", "", "K01", "K02", "K03"]),
        "created": local(created),
        "first_response": local(answered) if answered.date() <= LAST_DAY else "",
        "status": "qualified" if account else source.choice(["disqualified", "nurturing"]),
        "converted": local(answered + timedelta(days=2)) if account and answered.date() < LAST_DAY else "",
    }


def _deal(
    source: random.Random, deals: list[Row], account: Account, skus: list[str], lead: str, day: date, won: bool
) -> Row:
    created = office_moment(source, day)
    cycle_days = source.lognormvariate({"small": 2.9, "medium": 3.4, "large": 4.0}[account.size], 0.5)
    closed = created + timedelta(days=cycle_days)
    is_open = closed.date() > LAST_DAY
    amount = {"small": 2500, "medium": 9000, "large": 42000}[account.size] * source.lognormvariate(0, 0.5)
    return {
        "deal_no": f"D{3001 + len(deals)}",
        "account_no": account.number,
        "rep_no": account.rep,
        "lead_no": lead,
        "campaign_no": "",
        "sku": source.choice(skus),
        "stage": source.choice(STAGES) if is_open else ("closed won" if won else "closed lost"),
        "amount": money(amount),
        "currency": account.currency,
        "created": local(created),
        "expected_close": (created + timedelta(days=cycle_days * source.uniform(0.7, 1.2))).date().isoformat(),
        "closed": "" if is_open else local(closed),
        "outcome": "" if is_open else ("won" if won else "lost"),
    }
