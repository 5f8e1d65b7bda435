"""The two years of the demo company: working days, seasons, office hours and how its systems write time."""

from datetime import date, datetime, time, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from warehouse.demo.randomness import Stream

Moments = NDArray[np.datetime64]

FIRST_DAY = date(2024, 7, 1)
LAST_DAY = date(2026, 9, 18)
DAYS = (LAST_DAY - FIRST_DAY).days + 1
# The exports were made after business on the last day; nothing later is known.
CLOSING = datetime(2026, 9, 18, 18, 0, 0)

# Orders by month relative to an average month: quiet summers and year ends, a strong autumn.
SEASON = {1: 0.92, 2: 0.95, 3: 1.08, 4: 1.0, 5: 1.0, 6: 0.97, 7: 0.82, 8: 0.78, 9: 1.12, 10: 1.22, 11: 1.22, 12: 0.82}

FIXED_HOLIDAYS = {(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 24), (12, 25), (12, 26)}

_ONE_HOUR = np.timedelta64(1, "h")


@cache
def is_working_day(day: date) -> bool:
    """Whether offices and banks in Poland are open."""
    if day.weekday() >= 5 or (day.month, day.day) in FIXED_HOLIDAYS:
        return False
    # Easter Monday and Corpus Christi
    return (day - _easter_sunday(day.year)).days not in (1, 60)


@cache
def _easter_sunday(year: int) -> date:
    """By Gauss's rule, which holds from 1900 to 2099."""
    d = (19 * (year % 19) + 24) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7
    if (d, e) in ((29, 6), (28, 6)):
        d -= 7
    return date(year, 3, 22) + timedelta(days=d + e)


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The day that is some working days later."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def days_between(first: date, last: date) -> list[date]:
    """All days from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@cache
def month_starts(first: date = FIRST_DAY, last: date = LAST_DAY) -> tuple[date, ...]:
    """First days of all months from one day to another."""
    return tuple(day for day in days_between(first.replace(day=1), last) if day.day == 1)


def month_end(month: date) -> date:
    """Last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def years_in(day: date) -> float:
    """Years since the first day."""
    return (day - FIRST_DAY).days / 365.25


def any_day(stream: Stream, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
    """A day between two days, both included."""
    return first + timedelta(days=stream.integer(0, max(0, (last - first).days)))


def office_moment(stream: Stream, day: date) -> datetime:
    """A local moment in office hours of a day, most often before noon and in the early afternoon."""
    hours = 7.0 + 5.2 * (stream.random() + stream.random())
    return datetime(day.year, day.month, day.day) + timedelta(seconds=int(hours * 3600))


def later_at_work(stream: Stream, moment: datetime, hours: float) -> datetime:
    """A moment some hours later, moved into office hours when it falls outside."""
    later = moment + timedelta(hours=hours)
    if later.hour < 7 or later.hour >= 18 or not is_working_day(later.date()):
        start = later.date() if later.hour < 7 else later.date() + timedelta(days=1)
        later = datetime.combine(next_working_day(start), datetime.min.time()) + timedelta(
            seconds=int(stream.uniform(7.2, 11.5) * 3600)
        )
    return later


def utc_from_local(local: Moments) -> Moments:
    """UTC of local times of Warsaw, shape (n,), by the rule of the European Union.

    Written out instead of read from a time zone database, whose version differs between machines. A local time that
    exists twice is read as the second one, in standard time; one that does not exist moves on by an hour.
    """
    offset = np.full(local.shape, _ONE_HOUR)
    for year in (np.unique(local.astype("datetime64[Y]")).astype(int) + 1970).tolist():
        starts, ends = _summer_time(year)
        offset[(local >= np.datetime64(starts)) & (local < np.datetime64(ends))] = 2 * _ONE_HOUR
    return local - offset


@cache
def _summer_time(year: int) -> tuple[datetime, datetime]:
    """Local clock times between which summer time is certain: last Sundays of March and October."""
    lasts = [month_end(date(year, month, 1)) for month in (3, 10)]
    sundays = [last - timedelta(days=(last.weekday() + 1) % 7) for last in lasts]
    return datetime.combine(sundays[0], time(3)), datetime.combine(sundays[1], time(2))


def utc_text(moments: Moments) -> list[str]:
    """UTC moments as the tracker and the marketing system write them, such as 2025-03-30T00:59:59.120Z."""
    return [f"{text}Z" for text in np.datetime_as_string(moments.astype("datetime64[ms]")).tolist()]


def utc_of(moment: datetime) -> str:
    """One local moment as UTC text without milliseconds."""
    starts, ends = _summer_time(moment.year)
    in_utc = moment - timedelta(hours=2 if starts <= moment < ends else 1)
    return f"{in_utc.isoformat(timespec='seconds')}Z"
