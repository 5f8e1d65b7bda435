"""The floor: what a person would write by hand for these files alone, in plain DuckDB, without dbt.

It reads the Parquet once and writes the same four facts, to the last column: sessions, events, carts, touchpoints. It
may know what ours has to find out: every value can be cast, no text has blanks at its ends, no row is to be rejected,
what is sent twice is the same both times, a purchase names its cart. What the rest of the company says, it is given in
a small database made of ours before the clock starts: people and their accounts, testers, web orders, other touches.

Run in a process of its own: python -m warehouse.benchmark.floor RAW_LAKE COMPANY DATABASE
"""

import json
import os
import sys
import time
from pathlib import Path

import duckdb

from warehouse.load.sql import literal

# What the floor is given, as queries on the working database: nothing of it comes from the raw web events. The web
# orders are those that can have a session: see int_web_orders_attributed.
COMPANY = {
    "people": "select contact_id, account_id from conformed.contacts",
    "test_people": "select record_id as contact_id from intermediate.int_testers where record_type = 'contact'",
    "account_periods": """
        select account_id, account_period_id, valid_from, valid_until from intermediate.int_account_periods
    """,
    "web_orders": """
        select orders.order_id, orders.visitor_id, orders.ordered_at, facts.net_amount
        from conformed.orders as orders
        inner join intermediate.int_orders_validated as validated on orders.order_id = validated.order_id
        inner join marts.fct_orders as facts on orders.order_id = facts.order_id
        where
            validated.is_valid
            and coalesce(orders.order_channel in ('web_self_service', 'web_assisted'), true)
    """,
    "last_order": """
        select max(cast(ordered_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date)) as ordered_on
        from conformed.orders
        where order_id not in (select record_id from intermediate.int_testers where record_type = 'order')
    """,
    "other_touches": "select * from marts.fct_touchpoints where touch_type <> 'web_session'",
}  # fmt: skip

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
            coalesce(contains(lower(user_agent), 'bot'), false) as is_robot
        from read_parquet({files})
    """,
    # no row is deleted: the others would get other numbers, by which they are joined
    "repeated": """
        create table repeated as
        select event_key
        from (
            select rowid as event_key, row_number() over (partition by event_id) as version
            from events
            where event_id in (select event_id from events group by event_id having count(*) > 1)
        )
        where version > 1
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
            where rowid not in (select event_key from repeated)
            window owners as (partition by coalesce(visitor_id, 'event ' || event_id) order by occurred_at, event_id)
        )
        select
            event_key,
            last_value(
                case when occurred_at < previous_at + interval 30 minute then null else event_key end ignore nulls
            ) over (
                partition by owner order by event_number rows between unbounded preceding and current row
            ) as session_key,
            event_number,
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
                    when referrer is not null then 'referral' end as traffic_medium
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
    "as of": """
        create table as_of as
        select greatest(
            (select ordered_on from company.last_order),
            cast(max(occurred_at) at time zone 'UTC' at time zone 'Europe/Warsaw' as date)
        ) as as_of_on
        from events
        where
            not is_robot
            and (contact_id is null or contact_id not in (select contact_id from company.test_people))
    """,
    "orders": """
        create table ordered as
        with reported as (
            select events.order_id, min_by(sessions.session_id, events.occurred_at) as session_id
            from events
            inner join placed on events.rowid = placed.event_key
            inner join sessions on placed.session_key = sessions.session_key
            where events.event_name = 'purchase'
            group by events.order_id
        ),
        open_then as (
            select orders.order_id, max_by(sessions.session_id, sessions.started_at) as session_id
            from company.web_orders as orders
            inner join sessions
                on orders.visitor_id = sessions.visitor_id
                and orders.ordered_at >= sessions.started_at
                and orders.ordered_at < sessions.ended_at + interval 30 minute
            group by orders.order_id
        )
        select
            coalesce(reported.session_id, open_then.session_id) as session_id,
            count(*) as orders,
            sum(orders.net_amount) as net_amount
        from company.web_orders as orders
        left join reported on orders.order_id = reported.order_id
        left join open_then on orders.order_id = open_then.order_id
        where coalesce(reported.session_id, open_then.session_id) is not null
        group by 1
    """,
    "session facts": """
        create table fct_sessions as
        with logins as (
            select visitor_id, contact_id, started_at
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
        ),
        identified as (
            select
                sessions.* exclude (contact_id, first_event_id, key_events),
                case when visitor_id is not null
                    then coalesce(contact_id, next_contact_id, previous_contact_id) end as contact_id,
                case when visitor_id is null then null when contact_id is not null then 'login'
                    when next_contact_id is not null then 'later_login'
                    when previous_contact_id is not null then 'earlier_login' end as identified_by
            from sessions
            left join neighbours on sessions.session_key = neighbours.session_key
        )
        select
            identified.*,
            people.account_id,
            account_periods.account_period_id,
            credited.source as conversion_source,
            credited.medium as conversion_medium,
            credited.campaign as conversion_campaign,
            coalesce(ordered.orders, 0) as orders,
            coalesce(ordered.net_amount, 0) as net_amount,
            ordered.session_id is not null as has_order,
            test_people.contact_id is not null as is_staff,
            not identified.is_robot and test_people.contact_id is null and identified.visitor_id is not null
                and identified.started_on <= as_of.as_of_on as is_valid
        from identified
        cross join as_of
        left join company.people as people on identified.contact_id = people.contact_id
        left join company.test_people as test_people on identified.contact_id = test_people.contact_id
        left join company.account_periods as account_periods
            on people.account_id = account_periods.account_id
            and identified.started_on >= account_periods.valid_from
            and identified.started_on < account_periods.valid_until
        left join carried on identified.session_key = carried.session_key
        left join sessions as credited
            on carried.source_session_key = credited.session_key
            and credited.started_at >= identified.started_at - interval 90 day
        left join ordered on identified.session_id = ordered.session_id
    """,
    "event facts": """
        create table fct_web_events as
        select
            events.event_id,
            sessions.session_id,
            sessions.visitor_id,
            sessions.contact_id,
            sessions.account_id,
            sessions.account_period_id,
            events.product_id,
            events.cart_id,
            events.order_id,
            events.quote_id,
            placed.event_number,
            events.event_name,
            events.page_type,
            events.page_url,
            placed.seconds_to_next_event,
            events.engaged_ms,
            events.load_time_ms,
            sessions.is_valid,
            cast(events.occurred_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date) as occurred_on,
            sessions.started_on as session_started_on,
            events.occurred_at,
            events.received_at
        from events
        inner join placed on events.rowid = placed.event_key
        inner join fct_sessions as sessions on placed.session_key = sessions.session_key
    """,
    "cart facts": """
        create table fct_carts as
        with carts as (
            select
                events.cart_id as cart_key,
                min_by(placed.session_key, (events.occurred_at, events.event_id)) as session_key,
                min_by(events.visitor_id, (events.occurred_at, events.event_id)) as visitor_id,
                count(*) as additions,
                count(distinct events.product_id) as products,
                min(events.occurred_at) as created_at
            from events
            inner join placed on events.rowid = placed.event_key
            where events.event_name = 'add_to_cart'
            group by events.cart_id
        ),
        outcomes as (
            select
                carts.cart_key,
                min_by(events.order_id, events.occurred_at) filter (event_name = 'purchase') as order_id,
                min_by(events.quote_id, events.occurred_at) filter (event_name = 'quote_request') as quote_id,
                min(events.occurred_at) filter (event_name = 'checkout_start') as checkout_started_at,
                min(events.occurred_at) filter (event_name = 'purchase') as ordered_at,
                min(events.occurred_at) filter (event_name = 'quote_request') as quote_requested_at
            from events
            cross join as_of
            inner join carts on events.cart_id = carts.cart_key and carts.created_at <= events.occurred_at
            where
                events.event_name in ('purchase', 'quote_request', 'checkout_start')
                and cast(events.occurred_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date) <= as_of.as_of_on
            group by carts.cart_key
        )
        select
            carts.* exclude (session_key),
            sessions.session_id,
            sessions.contact_id,
            sessions.account_id,
            sessions.account_period_id,
            outcomes.order_id,
            outcomes.quote_id,
            case when outcomes.ordered_at < carts.created_at + interval 7 day then 'ordered'
                when outcomes.quote_requested_at < carts.created_at + interval 7 day then 'converted_to_quote'
                when cast((carts.created_at + interval 7 day) at time zone 'UTC' at time zone 'Europe/Warsaw' as date)
                    > as_of.as_of_on then 'open'
                else 'abandoned' end as outcome,
            outcomes.checkout_started_at is not null as has_checkout,
            sessions.is_valid,
            cast(carts.created_at at time zone 'UTC' at time zone 'Europe/Warsaw' as date) as created_on,
            outcomes.checkout_started_at,
            outcomes.ordered_at,
            outcomes.quote_requested_at
        from carts
        cross join as_of
        inner join fct_sessions as sessions on carts.session_key = sessions.session_key
        left join outcomes on carts.cart_key = outcomes.cart_key
    """,
    "touchpoint facts": """
        create table fct_touchpoints as
        select
            'web_session|' || session_id as touchpoint_id,
            account_id,
            account_period_id,
            contact_id,
            visitor_id,
            session_id,
            'web_session' as touch_type,
            source,
            medium,
            campaign,
            started_on as touched_on,
            started_at as touched_at
        from fct_sessions
        where is_valid
        union all by name
        select * from company.other_touches
    """,
}


def export_company(working_database: Path, company: Path) -> None:
    """Writes what the floor is given to a new database."""
    company.unlink(missing_ok=True)
    with duckdb.connect(str(company)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(working_database))} as working (read_only)")
        for name, query in COMPANY.items():
            connection.execute("use working")
            connection.execute(f"create table {company.stem}.main.{name} as {query}")


def run(raw_lake: Path, company: Path, database: Path) -> dict[str, float]:
    """Writes the facts to a new database. Returns seconds by statement."""
    database.unlink(missing_ok=True)
    seconds = {}
    # the memory of profiles.yml; without the order of rows, which nobody asked for
    settings = {
        "memory_limit": os.environ.get("WAREHOUSE_MEMORY_LIMIT", "4GB"),
        "temp_directory": f"{database}.tmp",
        "preserve_insertion_order": False,
    }
    files = literal(str(raw_lake / "demo_web" / "events" / "*.parquet"))
    with duckdb.connect(str(database), config=settings) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach {literal(str(company))} as company (read_only)")
        for name, statement in STATEMENTS.items():
            started = time.perf_counter()
            connection.execute(statement.replace("{files}", files))
            seconds[name] = time.perf_counter() - started
    return seconds


if __name__ == "__main__":
    print(json.dumps({"seconds": run(*map(Path, sys.argv[1:]))}))
