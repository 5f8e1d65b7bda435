"""Writes web events of any number to a raw lake, a Parquet file a day, much faster than the demo's own generator.

Each row is a function of its number and a seed alone, so that the same call gives the same rows and no more than a day
is in memory. Awkward as in life: some visits arrive days late, some events twice, on two days, and people log in from
browsers that were anonymous before. Clean where the demo's own events are dirty, so that the floor, which checks
nothing, comes to the same rows: every value can be cast, and what comes twice is the same both times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from warehouse.demo.tables import COLUMNS
from warehouse.load.sql import literal

# The last day that the demo company knows, so that the events end with its orders.
LAST_DAY = date(2026, 9, 18)
# The first day's file; each later one is an hour younger, as if landed one after the other.
FIRST_LOADED_AT = datetime(2026, 9, 21)
# 5.4 on average: many visits end at once.
EVENTS_PER_SESSION = 5.4
TABLE = ("demo_web", "events")


@dataclass(frozen=True)
class Traffic:
    """What the events of a number of days are like.

    Attributes:
        events_per_day: about so many.
        days: so many days, of which the last is LAST_DAY.
        contacts: numbers of people who can log in.
        seed: another seed is another year of the same kind.
    """

    events_per_day: int
    days: int
    contacts: list[str]
    seed: int = 1

    @property
    def sessions_per_day(self) -> int:
        """Visits that begin on a day."""
        return max(1, round(self.events_per_day / EVENTS_PER_SESSION))


def batch_file(raw_lake: Path, number: int) -> Path:
    """The file of a day; the first is number 0."""
    return raw_lake / TABLE[0] / TABLE[1] / f"day-{number:05d}.parquet"


def write_days(raw_lake: Path, traffic: Traffic, numbers: range) -> Iterator[int]:
    """Writes the files of some days, one after the other; a number beyond the days is a day after LAST_DAY.

    Yields:
        Rows of each file, as soon as it is written.
    """
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        connection.execute(f"create macro draw(a, b, n) as cast(hash(a, b, {traffic.seed}) % n as bigint)")
        connection.execute("create table contacts as select unnest(?) as contact_no", [traffic.contacts])
        for number in numbers:
            target = batch_file(raw_lake, number)
            target.parent.mkdir(parents=True, exist_ok=True)
            half_written = target.with_suffix(".tmp")
            (rows,) = connection.execute(
                f"copy ({day_sql(traffic, number)}) to {literal(str(half_written))} (format parquet, compression zstd)"
            ).fetchone()
            half_written.replace(target)
            yield rows


def day_sql(traffic: Traffic, number: int) -> str:
    """The rows received on a day: its visits, late ones of the four days before, and a few sent again."""
    day = LAST_DAY - timedelta(days=traffic.days - 1 - number)
    size = traffic.sessions_per_day
    # of the visitors whom the tracker knows, each comes some 30 times a year
    known = max(1, size * 3)
    columns = ", ".join(COLUMNS[TABLE])
    return f"""
    with sessions as (
        -- a visit of this day, or a late one that is received on this day
        select
            s,
            {number} - s // {size} as days_late,
            draw(s, 'v', 100) as kind_of_visitor
        from range({max(0, number - 4) * size}, {(number + 1) * size}) as numbers(s)
        where
            -- one visit in 250 is reported one to four days after it was made
            s // {size} + case when draw(s, 'late', 250) = 0 then 1 + draw(s, 'delay', 4) else 0 end = {number}
            -- and of the day before, those with an event that was sent again
            or (s // {size} = {number - 1} and draw(s, 'late', 250) <> 0 and draw(s, 'again', 300) = 0)
    ),

    visits as (
        select
            *,
            case
                when kind_of_visitor < 40 then 'w' || (draw(s, 'known', {known}))
                -- some unknown visitors come back
                when kind_of_visitor < 60 then 'n' || greatest(0, s - draw(s, 'back', {size * 20}))
                else 'n' || s
            end as visitor_id,
            timestamp '{day} 06:00:00' - interval (days_late) day
                + interval (draw(s, 'start', 54_000_000)) millisecond as started,
            case when draw(s, 'bounce', 100) < 40 then 1 else 2 + draw(s, 'length', 13) end as events,
            draw(s, 'origin', 100) as origin,
            draw(s, 'cart', 100) as wish
        from sessions
    ),

    -- who sits at which of the known browsers
    people as (
        select row_number() over (order by contact_no) - 1 as n, contact_no from contacts
    ),

    hits as (
        select
            visits.*,
            people.contact_no,
            position,
            'b' || s || '-' || position as hit,
            started + interval (position * 20_000 + draw(s, position, 20_000)) millisecond as occurred,
            case
                when position = 0 then case draw(s, 'landing', 4)
                    when 0 then 'page_view home' when 1 then 'page_view category' when 2 then 'page_view product'
                    else 'page_view article' end
                when visits.kind_of_visitor < 40 and position = 1 then 'login account'
                when wish < 14 and position = events - 3 then 'add_to_cart product'
                when wish < 5 and position = events - 2 then 'checkout_start checkout'
                when wish < 2 and position = events - 1 then 'purchase checkout'
                when wish = 14 and position = events - 1 then 'quote_request quote'
                else case draw(hit, 'kind', 10)
                    when 0 then 'page_view category' when 1 then 'page_view search' when 2 then 'page_ping product'
                    when 3 then 'cta_click category' when 4 then 'page_view article' when 5 then 'video_play video'
                    else 'product_view product' end
            end as kind
        from visits
        cross join unnest(range(cast(visits.events as bigint))) as positions(position)
        left join people
            on visits.kind_of_visitor < 40
            -- the number as a constant, or else each browser is compared with each person
            and cast(substr(visits.visitor_id, 2) as bigint) % {max(1, len(traffic.contacts))} = people.n
    ),

    landed as (
        select
            hit as event_id,
            case when draw(s, 'consent', 100) >= 3 then visitor_id end as visitor_id,
            case when position > 0 and draw(s, 'login', 100) < 60 then contact_no end as contact_no,
            strftime(occurred, '%Y-%m-%dT%H:%M:%S.%gZ') as occurred,
            case when days_late > 0 and draw(s, 'late', 250) = 0
                then strftime(occurred + interval (days_late) day, '%Y-%m-%dT%H:%M:%S.%gZ') end as received,
            split_part(kind, ' ', 1) as event,
            case split_part(kind, ' ', 2)
                when 'home' then '/' when 'category' then '/c/' || draw(hit, 'c', 12)
                when 'product' then '/p/' || (5001 + draw(hit, 'p', 220)) when 'article' then '/blog'
                when 'search' then '/s' when 'video' then '/tv' when 'account' then '/me' when 'quote' then '/quote'
                else '/checkout'
            end || case when position = 0 and origin between 60 and 63
                then '?gclid=' || substr(md5(hit), 1, 8) else '' end as path,
            split_part(kind, ' ', 2) as page_kind,
            case when position = 0 then case when origin < 30 then 'google' when origin < 36 then 'bing'
                when origin < 44 then 'newsletter' when origin < 60 then 'partner' end end as source,
            case when position = 0 then case when origin < 24 then 'organic' when origin < 30 then 'cpc'
                when origin < 36 then 'organic' when origin < 44 then 'email' when origin < 60 then 'referral' end
                end as medium,
            case when position = 0 and origin between 24 and 43 then 'K' || (draw(s, 'k', 30)) end as campaign,
            case when position = 0 and origin < 36 then 'keyword ' || (draw(s, 'kw', 40)) end as keyword,
            case when position = 0 then case draw(s, 'device', 4) when 0 then 'mobile' else 'desktop' end end
                as device,
            case when position = 0 then case when draw(s, 'country', 5) = 0 then 'DE' else 'PL' end end as country,
            case when kind like '%product' then 'SKU-' || (5001 + draw(hit, 'p', 220)) end as sku,
            case when kind in ('add_to_cart product', 'checkout_start checkout', 'purchase checkout',
                'quote_request quote') then 'bc' || s end as cart_id,
            case when kind = 'purchase checkout' then 'SO-b' || s end as order_no,
            case when draw(hit, '', 5) > 0 then cast(draw(hit, 'engaged', 120_000) as varchar) end as engaged_ms,
            case when kind like 'page_view%' then cast(200 + draw(hit, 'load', 2_000) as varchar) end as load_ms,
            case when draw(s, 'robot', 100) = 0 then 'Googlebot/2.1'
                when position = 0 then case when draw(s, 'agent', 3) = 0 then 'Firefox/128' else 'Chrome/126' end
                end as user_agent,
            case when position = 0 then case when origin < 30 then 'www.google.com'
                when origin between 64 and 70 then 'www.bing.com'
                when origin between 71 and 74 then 'branzowy.example' end end as referrer,
            case when kind = 'quote_request quote' then 'Q-b' || s end as quote_no,
            cast(null as varchar) as is_bot,
            occurred as moment
        from hits
        where
            -- of a visit that was not late, only its first event was sent again, a day after
            days_late = 0 or draw(s, 'late', 250) = 0 or position = 0
    )

    select
        {columns},
        'events.csv' as _source_file,
        row_number() over (order by moment, event_id) as _row_number,
        timestamp '{FIRST_LOADED_AT + timedelta(hours=number)}' as _loaded_at,
        'day-{number:05d}' as _batch_id
    from landed
    order by moment, event_id
    """
