"""The floor: what a person would write by hand for these files alone, in plain DuckDB, without dbt.

It reads the Parquet once and writes the same sessions and facts, but knows what the data are like: every value can be
cast, no id needs a second look, and an event that is sent twice is sent with the same content. What other tables say
of a session (account, staff, orders) is left out; fct_sessions and fct_web_events have it.

Run in a process of its own, whose memory is measured: python -m warehouse.benchmark.floor RAW_LAKE DATABASE
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

STATEMENTS = {
    "read": """
        create table events as
        select
            'demo_web:' || event_id as event_id,
            'demo_web:' || visitor_id as visitor_id,
            'demo_crm:' || contact_no as contact_id,
            cast(occurred as timestamp) as occurred_at,
            cast(received as timestamp) as received_at,
            event as event_name,
            path as page_url,
            page_kind as page_type,
            source,
            medium,
            campaign,
            keyword,
            referrer,
            device,
            country as country_code,
            'demo_shop:' || sku as product_id,
            'demo_web:' || cart_id as cart_id,
            'demo_shop:' || order_no as order_id,
            'demo_shop:' || quote_no as quote_id,
            cast(engaged_ms as integer) as engaged_ms,
            cast(load_ms as integer) as load_time_ms,
            user_agent,
            _loaded_at as loaded_at
        from read_parquet('{raw_lake}/demo_web/events/*.parquet')
    """,
    "deduplicate": """
        delete from events
        where rowid in (
            select rowid
            from (
                select rowid, row_number() over (partition by event_id order by loaded_at desc) as version
                from events
                where event_id in (select event_id from events group by event_id having count(*) > 1)
            )
            where version > 1
        )
    """,
    "place": """
        create table placed as
        with numbered as (
            select
                rowid as event_key,
                coalesce(visitor_id, 'event ' || event_id) as owner,
                occurred_at,
                row_number() over owners as event_number,
                lag(occurred_at) over owners as previous_at,
                lead(occurred_at) over owners as next_at
            from events
            window owners as (partition by coalesce(visitor_id, 'event ' || event_id) order by occurred_at, event_id)
        )
        select
            event_key,
            last_value(
                case when occurred_at < previous_at + interval 30 minute then null else event_key end ignore nulls
            ) over (
                partition by owner order by event_number rows between unbounded preceding and current row
            ) as session_key,
            cast(event_number as integer) as event_number,
            case when next_at < occurred_at + interval 30 minute then datediff('second', occurred_at, next_at) end
                as seconds_to_next_event
        from numbered
    """,
    "sessions": """
        create table sessions as
        with origins as (
            select
                events.*,
                placed.session_key,
                placed.event_number,
                case when page_url like '%gclid=%' then 'google' when source is not null then source
                    when referrer like 'www.google.%' then 'google' when referrer like 'www.bing.%' then 'bing'
                    else referrer end as traffic_source,
                case when page_url like '%gclid=%' then 'cpc' when source is not null then medium
                    when referrer like 'www.google.%' or referrer like 'www.bing.%' then 'organic'
                    when referrer is not null then 'referral' end as traffic_medium,
                contains(lower(user_agent), 'bot') is true as is_robot
            from events
            inner join placed on events.rowid = placed.event_key
        ),
        grouped as (
            select
                session_key,
                min_by(event_id, event_number) as first_event_id,
                min(visitor_id) as visitor_id,
                max_by(contact_id, event_number) filter (contact_id is not null) as contact_id,
                min_by(traffic_source, event_number) filter (traffic_source is not null) as source,
                min_by(traffic_medium, event_number) filter (traffic_source is not null) as medium,
                nullif(min_by(coalesce(campaign, ''), event_number) filter (traffic_source is not null), '')
                    as campaign,
                nullif(min_by(coalesce(keyword, ''), event_number) filter (traffic_source is not null), '') as keyword,
                min_by(page_url, event_number) as landing_page_url,
                min_by(page_type, event_number) as landing_page_type,
                min_by(device, event_number) filter (device is not null) as device,
                min_by(country_code, event_number) filter (country_code is not null) as country_code,
                count(*) as events,
                count(*) filter (event_name = 'page_view') as page_views,
                count(*) filter (event_name = 'product_view') as product_views,
                count(*) filter (event_name = 'add_to_cart') as cart_additions,
                count(*) filter (event_name = 'quote_request') as quote_requests,
                count(*) filter (event_name in ('purchase', 'quote_request', 'checkout_start')) as key_events,
                sum(coalesce(engaged_ms, 0)) as engaged_ms,
                bool_or(is_robot) as is_robot,
                min(occurred_at) as started_at,
                max(occurred_at) as ended_at
            from origins
            group by session_key
        )
        select
            * exclude (engaged_ms),
            md5(coalesce(visitor_id, 'event ' || first_event_id) || '|' || first_event_id) as session_id,
            datediff('second', started_at, ended_at) as duration_seconds,
            cast(engaged_ms / 1000 as integer) as engaged_seconds,
            ended_at > started_at + interval 10 second or key_events > 0 or page_views >= 2 as is_engaged,
            cast(started_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date) as started_on
        from grouped
    """,
    "session facts": """
        create table session_facts as
        with logins as (
            select visitor_id, contact_id, started_at, session_id
            from sessions
            where visitor_id is not null and contact_id is not null
        ),
        neighbours as (
            select
                sessions.session_key,
                min_by(logins.contact_id, logins.started_at) filter (logins.started_at >= sessions.started_at)
                    as next_contact_id,
                max_by(logins.contact_id, logins.started_at) filter (logins.started_at < sessions.started_at)
                    as previous_contact_id
            from sessions
            inner join logins
                on sessions.visitor_id = logins.visitor_id
                and sessions.started_at between logins.started_at - interval 30 day
                    and logins.started_at + interval 30 day
            where sessions.contact_id is null
            group by sessions.session_key
        ),
        carried as (
            select
                session_key,
                last_value(case when source is not null then session_key end ignore nulls) over (
                    partition by coalesce(visitor_id, session_id) order by started_at, session_id
                    rows between unbounded preceding and current row
                ) as source_session_key
            from sessions
        )
        select
            sessions.* exclude (contact_id, key_events, first_event_id),
            case when sessions.visitor_id is not null
                then coalesce(sessions.contact_id, neighbours.next_contact_id, neighbours.previous_contact_id)
                end as contact_id,
            credited.source as conversion_source,
            credited.medium as conversion_medium,
            credited.campaign as conversion_campaign
        from sessions
        left join neighbours on sessions.session_key = neighbours.session_key
        left join carried on sessions.session_key = carried.session_key
        left join sessions as credited
            on carried.source_session_key = credited.session_key
            and credited.started_at >= sessions.started_at - interval 90 day
    """,
    "event facts": """
        create table event_facts as
        select
            events.event_id,
            session_facts.session_id,
            session_facts.visitor_id,
            session_facts.contact_id,
            events.product_id,
            events.cart_id,
            events.order_id,
            events.quote_id,
            cast(placed.event_number as bigint) as event_number,
            events.event_name,
            events.page_type,
            events.page_url,
            placed.seconds_to_next_event,
            events.engaged_ms,
            events.load_time_ms,
            cast(events.occurred_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date) as occurred_on,
            session_facts.started_on as session_started_on,
            events.occurred_at,
            events.received_at
        from events
        inner join placed on events.rowid = placed.event_key
        inner join session_facts on placed.session_key = session_facts.session_key
    """,
}


def run(raw_lake: Path, database: Path) -> dict[str, object]:
    """Writes session_facts and event_facts to a new database.

    Returns:
        Seconds by statement, and the peak memory of this process in bytes.
    """
    database.unlink(missing_ok=True)
    seconds = {}
    # the settings of profiles.yml
    settings = {"memory_limit": "4GB", "temp_directory": f"{database}.tmp", "preserve_insertion_order": False}
    with duckdb.connect(str(database), config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, statement in STATEMENTS.items():
            started = time.perf_counter()
            connection.execute(statement.format(raw_lake=raw_lake))
            seconds[name] = time.perf_counter() - started
    return {"seconds": seconds, "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), Path(sys.argv[2]))))
