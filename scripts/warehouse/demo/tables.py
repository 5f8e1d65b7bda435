"""What all parts of the generator share: tables, calendars and random streams."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Row = dict[str, object]
Tables = dict[tuple[str, str], list[Row]]

WARSAW = ZoneInfo("Europe/Warsaw")
FIRST_DAY = date(2024, 7, 1)
LAST_DAY = date(2026, 9, 18)
SEED = 20240701

# Orders by month relative to an average month: quiet summers and year ends, a strong autumn.
SEASON = {1: 0.9, 2: 0.95, 3: 1.1, 4: 1.0, 5: 1.0, 6: 0.95, 7: 0.8, 8: 0.75, 9: 1.15, 10: 1.25, 11: 1.25, 12: 0.75}


def stream(name: str, seed: int = SEED) -> random.Random:
    """A random stream of its own for one table, so that a change to one leaves the others as they are.

    The standard library's generator, because its numbers are the same on every machine and version.
    """
    return random.Random(f"{seed}/{name}")


def local(moment: datetime) -> str:
    """A local timestamp as the shop, the CRM and the ERP write it, without offset."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def utc(moment: datetime) -> str:
    """A local moment as the web tracker writes it: UTC with milliseconds and a Z.

    An hour that exists twice is read as the second one, like the warehouse does.
    """
    in_utc = moment.replace(tzinfo=WARSAW, fold=1).astimezone(UTC)
    return in_utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{in_utc.microsecond // 1000:03d}Z"


def office_moment(random_stream: random.Random, day: date) -> datetime:
    """A moment in office hours of a day."""
    seconds = int(random_stream.triangular(7 * 3600, 18 * 3600, 10.5 * 3600))
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)


def any_day(random_stream: random.Random) -> date:
    """Any day of the two years."""
    return FIRST_DAY + timedelta(days=random_stream.randrange((LAST_DAY - FIRST_DAY).days))


def next_working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)


def money(amount: float) -> str:
    """An amount with two decimals."""
    return f"{amount:.2f}"
