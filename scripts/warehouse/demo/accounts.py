"""The companies that buy, or might, and the people who work there."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum

from warehouse.demo.assortment import CATEGORIES
from warehouse.demo.randomness import Block, Numbers, Stream, Weighted
from warehouse.demo.tables import Tables, money
from warehouse.demo.timeline import FIRST_DAY, LAST_DAY, any_day, month_starts, next_working_day, office_moment

ORDINARY_ACCOUNTS = 246

# Accounts whose history is planted.
OVERDUE = "A1900"
SUMMER_PAUSE = "A1901"
LOST_KEY_ACCOUNT = "A1902"
CLOCK_CHANGES = "A1903"
RESEARCHED = ("A1904", "A1905", "A1906", "A1907", "A1908", "A1909")
NOT_RESEARCHED = ("A1910", "A1911", "A1912")
TESTERS = "A1999"
UNKNOWN = "A9999"

STAFF_DOMAIN = "demo-wholesale.example"
DEEP_DISCOUNTER = "R07"

GOLDEN_RATIO = 0.618034
SIZES = Weighted({"small": 55, "medium": 30, "large": 15})
EMPLOYEES = {"small": (4, 49), "medium": (50, 249), "large": (250, 4000)}
PEOPLE = {"small": (1, 2), "medium": (1, 4), "large": (3, 8)}
CREDIT = {"small": 5_000, "medium": 60_000, "large": 250_000}
# median days between orders
INTERVALS = {"small": 112, "medium": 82, "large": 56}
CATALOG_OF_SIZE = {"small": "standard", "medium": "partner", "large": "key-account"}

INDUSTRIES = ("Manufacturing", "Construction", "Logistics", "Retail", "Healthcare", "Professional services")
COUNTRIES = Weighted({"PL": 62, "DE": 14, "CZ": 9, "SK": 5, "LT": 4, "NL": 3, "US": 3})
CURRENCIES = {"PL": "PLN", "DE": "EUR", "SK": "EUR", "LT": "EUR", "NL": "EUR", "CZ": "CZK", "US": "USD"}
LEGAL_FORMS = {
    "PL": ("Sp. z o.o.", "S.A."), "DE": ("GmbH", "AG"), "CZ": ("s.r.o.", "a.s."), "SK": ("s.r.o.",),
    "LT": ("UAB",), "NL": ("B.V.",), "US": ("Inc.", "LLC"),
}  # fmt: skip
CITIES = {
    "PL": ("Warszawa", "Kraków", "Łódź", "Wrocław", "Poznań", "Gdańsk", "Lublin", "Katowice", "Rzeszów"),
    "DE": ("Berlin", "Dresden", "Leipzig", "München"), "CZ": ("Praha", "Brno", "Ostrava"),
    "SK": ("Bratislava", "Žilina"), "LT": ("Vilnius", "Kaunas"), "NL": ("Rotterdam", "Utrecht"),
    "US": ("Chicago", "Boston"),
}  # fmt: skip
PHONE_CODES = {"PL": "48", "DE": "49", "CZ": "420", "SK": "421", "LT": "370", "NL": "31", "US": "1"}
NAME_STEMS = (
    "Alfa", "Baltic", "Bielik", "Bursztyn", "Carpathia", "Delta", "Dunajec", "Elbrus", "Fenix", "Galeon", "Gryf",
    "Horyzont", "Jantar", "Karat", "Kormoran", "Kwarc", "Lotos", "Magnolia", "Mazur", "Narew", "Nordic", "Odra",
    "Orlik", "Pegaz", "Pilica", "Polaris", "Rubin", "Sokół", "Tatra", "Tempo", "Topaz", "Vistula", "Warta", "Zenit",
)  # fmt: skip
NAME_ENDINGS = ("Group", "Trade", "Systems", "Logistics", "Services", "Works", "Solutions", "Supply", "Bau", "Med")
SOURCES = Weighted({
    "organic search": 30, "paid search": 18, "trade fair": 14, "referral": 14, "outbound": 14, "partner": 10,
})  # fmt: skip
JOBS = (
    ("Purchasing manager", "manager", "buyer"), ("Office manager", "specialist", "user"),
    ("Operations director", "director", "decision maker"), ("Facility specialist", "specialist", "user"),
    ("Finance director", "director", "approver"), ("Warehouse manager", "manager", "influencer"),
    ("Buyer", "specialist", "buyer"), ("Managing director", "executive", "decision maker"),
)  # fmt: skip
WOMEN = ("Anna", "Ewa", "Zofia", "Maja", "Hanna", "Nina", "Julia", "Marta", "Petra", "Lena", "Kateřina", "Rūta", "Mary")
MEN = ("Piotr", "Jan", "Adam", "Karol", "Oskar", "Filip", "Tomasz", "Łukasz", "Hans", "Jiří", "Jonas", "Pieter", "John")
SURNAMES = (
    "Lis", "Sikora", "Bocian", "Kos", "Gil", "Dudek", "Czapla", "Zima", "Wilk", "Sowa", "Bóbr", "Wrona", "Jeleń",
    "Ryś", "Borsuk", "Novák", "Dvořák", "Schmidt", "Weber", "Jansen", "Smith", "Kazlauskas", "Horváth", "Żuk",
)  # fmt: skip


@dataclass(frozen=True)
class Rep:
    """A sales rep."""

    number: str
    name: str
    team: str
    region: str
    hired: date


REPS = (
    Rep("R01", "Anna Wrona", "Key accounts", "North", date(2019, 3, 1)),
    Rep("R02", "Piotr Lis", "Key accounts", "South", date(2020, 9, 1)),
    Rep("R03", "Ewa Sikora", "Key accounts", "Export", date(2018, 5, 7)),
    Rep("R04", "Jan Bocian", "Mid market", "North", date(2021, 1, 4)),
    Rep("R05", "Zofia Kos", "Mid market", "North", date(2022, 2, 1)),
    Rep("R06", "Adam Gil", "Mid market", "South", date(2020, 6, 1)),
    Rep("R07", "Maja Dudek", "Mid market", "Export", date(2023, 10, 2)),
    Rep("R08", "Karol Czapla", "Inside sales", "North", date(2023, 4, 3)),
    Rep("R09", "Hanna Zima", "Inside sales", "South", date(2022, 11, 2)),
    Rep("R10", "Oskar Wilk", "Inside sales", "South", date(2024, 2, 1)),
    Rep("R11", "Nina Sowa", "Inside sales", "Export", date(2024, 1, 8)),
    Rep("R12", "Filip Bobrowski", "Inside sales", "Export", date(2023, 8, 1)),
)
MANAGERS = {"Key accounts": "Marta Jelen", "Mid market": "Tomasz Rys", "Inside sales": "Julia Borsuk"}
REPS_OF_SIZE = {
    "large": ("R01", "R02", "R03"),
    "medium": ("R04", "R05", "R06", "R07"),
    "small": ("R08", "R09", "R10", "R11", "R12", "R07"),
}


class Habit(Enum):
    """How the people of an account use the shop's web site."""

    ORDINARY = "ordinary"
    RESEARCHES = "researches on the web, then orders by phone, e-mail or rep, each time"
    LOOKS_LONG_BEFORE = "orders offline and looks at the web only more than 30 days before"
    NEVER = "never"


@dataclass(frozen=True)
class Former:
    """What an account was like before a day."""

    until: date
    size: str
    rep: str


@dataclass
class Contact:
    """A person at an account.

    Attributes:
        since: day the person was entered.
        has_mobile: whether the person also visits with a phone, which is another visitor to the tracker.
    """

    number: str
    since: date
    role: str
    has_login: bool
    has_consent: bool
    has_mobile: bool


@dataclass
class Account:
    """A company as the other parts of the generator see it.

    Attributes:
        number: account number of the CRM.
        interval_days: mean days between orders.
        first_order_on: day of the first order; none for a prospect who never buys.
        came_on: day the company became known.
        favourites: categories that it mostly buys.
        catalogs: dated catalogs, (first day, code), the first from the very beginning.
        lateness_days: mean days after the due date at which it pays.
        former: what the account was like before, for those that grew or changed their rep.
        orders_on: days with orders, filled when the orders are made.
    """

    number: str
    size: str
    employees: int
    country: str
    industry: str
    rep: str
    terms: int
    interval_days: float
    came_on: date
    first_order_on: date | None
    favourites: tuple[str, ...]
    catalogs: list[tuple[date, str]]
    lateness_days: float
    source: str = "organic search"
    is_test: bool = False
    is_planted: bool = False
    has_login: bool = True
    habit: Habit = Habit.ORDINARY
    former: Former | None = None
    contacts: list[Contact] = field(default_factory=list)
    orders_on: list[date] = field(default_factory=list)

    @property
    def currency(self) -> str:
        """Currency the company is invoiced in."""
        return CURRENCIES[self.country]

    def rep_on(self, day: date) -> str:
        """The rep who owned the account on a day."""
        return self.former.rep if self.former and day < self.former.until else self.rep

    def catalog_on(self, day: date) -> str:
        """The catalog assigned on a day."""
        return [code for starts, code in self.catalogs if starts <= day or starts == self.catalogs[0][0]][-1]

    def buyers_on(self, day: date) -> list[Contact]:
        """People who may order on a day: those already there, the longest there first, four at most."""
        there = [contact for contact in self.contacts if contact.since <= day]
        return (there or self.contacts)[:4]


def make_accounts(block: Block) -> list[Account]:
    """The companies of a block, planted ones last, with their people."""
    stream = block.stream("accounts")
    numbers = block.numbers("A", 1001, 1000)
    count = max(1, round(ORDINARY_ACCOUNTS * block.share))
    # steps of the golden ratio spread the sizes evenly, so that no block has too few large accounts by bad luck
    sizes = [SIZES.at((position + 1) * GOLDEN_RATIO % 1) for position in range(count)]
    accounts = [_make_account(stream, numbers.next(), size) for size in sizes]
    if block.is_first:
        accounts += _planted_accounts(stream)
    people = block.numbers("C", 10_001, 10_000)
    contacts = block.stream("contacts")
    for account in accounts:
        _hire(account, people, contacts)
    return accounts


def _make_account(stream: Stream, number: str, size: str) -> Account:
    # a third were customers before the shop opened and order in its first weeks; new ones join all the time
    was_customer = stream.chance(0.34)
    joined = (
        any_day(stream, FIRST_DAY, FIRST_DAY + timedelta(days=75))
        if was_customer
        else FIRST_DAY + timedelta(days=int((LAST_DAY - FIRST_DAY).days * stream.random() ** 0.8))
    )
    joined = min(next_working_day(joined), LAST_DAY)
    buys = was_customer or stream.chance(0.76)
    came = joined - timedelta(days=stream.integer(400, 1800) if was_customer else stream.integer(7, 75))
    catalog = CATALOG_OF_SIZE[size] if stream.chance(0.92) else "partner"
    rep = stream.pick(REPS_OF_SIZE[size])
    catalogs = [(FIRST_DAY, catalog)]
    if stream.chance(0.07) and catalog != "key-account":
        better = "partner" if catalog == "standard" else "key-account"
        catalogs.append((stream.pick(month_starts(date(2025, 1, 1))), better))
    return Account(
        number=number,
        size=size,
        employees=round(_between(stream, *EMPLOYEES[size])),
        country=stream.pick_from(COUNTRIES),
        industry=stream.pick(INDUSTRIES),
        rep=rep,
        terms=stream.pick((30, 60, 60, 90) if size == "large" else (30, 30, 30, 60)),
        interval_days=stream.lognormal(INTERVALS[size], 0.35),
        came_on=came,
        first_order_on=joined if buys else None,
        favourites=tuple(stream.pick_several(list(CATEGORIES), 3)),
        catalogs=catalogs,
        lateness_days=stream.uniform(15, 55) if stream.chance(0.16) else stream.uniform(-4, 7),
        source=stream.pick_from(SOURCES),
        former=_former(stream, size, rep, joined) if buys else None,
        has_login=stream.chance(0.84),
    )


def _former(stream: Stream, size: str, rep: str, joined: date) -> Former | None:
    """One larger account in five grew into its size, and one account in ten changed its rep."""
    smaller = {"medium": "small", "large": "medium"}.get(size)
    grew, changed_rep = stream.chance(0.2) and smaller, stream.chance(0.1)
    if joined > LAST_DAY - timedelta(days=200) or not (grew or changed_rep):
        return None
    until = any_day(stream, joined + timedelta(days=90), LAST_DAY - timedelta(days=60))
    # the one who discounts too deep has not been there for long
    colleagues = [colleague for colleague in REPS_OF_SIZE[size] if colleague not in (rep, DEEP_DISCOUNTER)]
    return Former(until, smaller if grew and smaller else size, stream.pick(colleagues) if changed_rep else rep)


def _between(stream: Stream, low: int, high: int) -> float:
    """A number between two bounds, small ones more likely."""
    return low * (high / low) ** stream.random()


def _planted_accounts(stream: Stream) -> list[Account]:
    def planted(number: str, size: str, rep: str, first: date, industry: str = "Manufacturing") -> Account:
        return Account(
            number=number,
            size=size,
            employees={"small": 32, "medium": 120, "large": 1800}[size],
            country="PL",
            industry=industry,
            rep=rep,
            terms=30,
            interval_days=28,
            came_on=first - timedelta(days=45),
            first_order_on=first,
            favourites=tuple(stream.pick_several(list(CATEGORIES), 3)),
            catalogs=[(FIRST_DAY, CATALOG_OF_SIZE[size])],
            lateness_days=2.0,
            is_planted=True,
        )

    accounts = [
        planted(OVERDUE, "medium", "R04", date(2025, 1, 23)),
        planted(SUMMER_PAUSE, "medium", "R05", date(2024, 7, 5), "Construction"),
        planted(LOST_KEY_ACCOUNT, "large", "R01", date(2024, 7, 8)),
        planted(CLOCK_CHANGES, "small", "R08", date(2024, 10, 27)),
        *[planted(number, "medium", "R06", date(2024, 9, 2 + n)) for n, number in enumerate(RESEARCHED)],
        *[planted(number, "small", "R09", date(2024, 9, 9 + n)) for n, number in enumerate(NOT_RESEARCHED)],
        planted(TESTERS, "small", "R08", date(2024, 7, 3)),
    ]
    for account in accounts:
        account.is_test = account.number == TESTERS
        if account.number in RESEARCHED:
            account.habit = Habit.RESEARCHES
        elif account.number in NOT_RESEARCHED:
            account.habit = Habit.LOOKS_LONG_BEFORE
        elif account.number == CLOCK_CHANGES:
            account.habit = Habit.NEVER
    return accounts


def _hire(account: Account, people: Numbers, stream: Stream) -> None:
    """Gives an account its people; the first is the main buyer, later ones join over time."""
    low, high = PEOPLE[account.size]
    count = 4 if account.is_test else stream.integer(low, high)
    for position in range(count):
        starts = account.came_on if position < 2 else any_day(stream, max(account.came_on, FIRST_DAY))
        account.contacts.append(
            Contact(
                number=people.next(),
                since=starts,
                role="buyer" if position == 0 else stream.pick(JOBS)[2],
                has_login=account.has_login and (position < 2 or stream.chance(0.6)),
                has_consent=stream.chance(0.66),
                has_mobile=stream.chance(0.25),
            )
        )


def add_accounts(tables: Tables, accounts: list[Account], block: Block) -> None:
    """Adds accounts, what they were like before, contacts and the catalogs that are assigned to accounts."""
    stream = block.stream("account rows")
    parents = [account.number for account in accounts if account.size == "large" and not account.is_planted][:12]
    for account in accounts:
        name = f"{stream.pick(NAME_STEMS)} {stream.pick(NAME_ENDINGS)} {stream.pick(LEGAL_FORMS[account.country])}"
        has_parent = stream.chance(0.09) and account.number not in parents and not account.is_planted and parents
        tables["demo_crm", "accounts"].add(
            account_no=account.number,
            name="Own staff and testers" if account.is_test else name,
            parent_account_no=stream.pick(parents) if has_parent else None,
            industry=account.industry,
            employees=account.employees,
            # sales classes customers only; the class of a prospect follows from its employees
            size=account.size if account.first_order_on else None,
            country=account.country,
            source=account.source,
            owner_rep_no=account.rep,
            payment_terms=account.terms,
            credit_limit=money(CREDIT[account.size] * stream.pick((1, 1, 1.5, 2))),
            created=office_moment(stream, account.came_on),
            is_test=account.is_test,
            city=stream.pick(CITIES[account.country]),
            vat_no=f"{account.country}{stream.integer(10**9, 10**10 - 1)}" if account.country != "US" else None,
            website=_domain(account),
            status="active" if account.first_order_on else "prospect",
        )
        _add_versions(tables, account)
        _add_assignments(tables, account)
    _add_contacts(tables, accounts, block)


def _domain(account: Account) -> str:
    return STAFF_DOMAIN if account.is_test else f"{account.number.lower()}.example"


def _add_versions(tables: Tables, account: Account) -> None:
    if account.former is None:
        return
    before = (min(account.came_on, FIRST_DAY), account.former.size, account.former.rep)
    for day, size, rep in (before, (account.former.until, account.size, account.rep)):
        tables["demo_crm", "account_versions"].add(
            account_no=account.number, changed=day, size=size, industry=account.industry, owner_rep_no=rep
        )


def _add_assignments(tables: Tables, account: Account) -> None:
    ends = [starts - timedelta(days=1) for starts, _ in account.catalogs[1:]]
    for (starts, code), last in zip(account.catalogs, [*ends, None], strict=True):
        tables["demo_shop", "catalog_assignments"].add(
            catalog_code=code, account_no=account.number, valid_from=starts, valid_to=last
        )


def _add_contacts(tables: Tables, accounts: list[Account], block: Block) -> None:
    stream = block.stream("contact rows")
    for account in accounts:
        for contact in account.contacts:
            gender = stream.pick(("f", "m"))
            name = f"{stream.pick(WOMEN if gender == 'f' else MEN)} {stream.pick(SURNAMES)}"
            title, level, _ = stream.pick([job for job in JOBS if job[2] == contact.role])
            created: datetime = office_moment(stream, contact.since)
            phone = " ".join([f"+{PHONE_CODES[account.country]}", *[str(stream.integer(100, 999)) for _ in range(3)]])
            tables["demo_crm", "contacts"].add(
                contact_no=contact.number,
                account_no=account.number,
                full_name=name,
                email=f"{contact.number.lower()}@{_domain(account)}",
                job_title=title,
                job_level=level,
                buying_role=contact.role,
                age_band=stream.pick(("25-34", "35-44", "45-54", "55-64")),
                gender=gender if stream.chance(0.85) else None,
                education=stream.pick(("secondary", "bachelor", "master")),
                marketing_consent=contact.has_consent,
                shop_login=contact.has_login,
                created=created,
                phone=phone if stream.chance(0.8) else None,
            )


def add_reps(tables: Tables) -> None:
    """Adds the sales team."""
    for rep in REPS:
        first, last = rep.name.lower().split()
        tables["demo_crm", "reps"].add(
            rep_no=rep.number,
            name=rep.name,
            manager=MANAGERS[rep.team],
            team=rep.team,
            region=rep.region,
            hired=rep.hired,
            email=f"{first}.{last}@{STAFF_DOMAIN}",
        )
