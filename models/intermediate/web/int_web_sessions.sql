-- Grain: one row per web session, robots included and flagged. Key: session_id. Clock: the local day the session
-- started. A session ends after session_timeout_minutes without an event; neither midnight nor a new campaign cuts
-- it. An event without visitor is a session of its own. Events of one visitor at the same instant are ordered by
-- event_id, so that the same events always give the same sessions and ids.
with events as (
    select
        *,
        coalesce(visitor_id, event_id) as session_owner_id
    from {{ ref('int_web_events_flagged') }}
),

events_with_gap as (
    select
        *,
        lag(occurred_at) over (partition by session_owner_id order by occurred_at, event_id) as previous_occurred_at
    from events
),

events_numbered as (
    select
        *,
        sum(case
            when occurred_at < previous_occurred_at + interval {{ var('session_timeout_minutes') }} minute then 0
            else 1
        end) over (
            partition by session_owner_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number,
        row_number() over (partition by session_owner_id order by occurred_at, event_id) as event_number
    from events_with_gap
),

sessions as (
    select
        session_owner_id,
        session_number,
        min(visitor_id) as visitor_id,
        -- the person of the last log-in, for a browser that two colleagues share
        max_by(contact_id, event_number) filter (where contact_id is not null) as contact_id,
        min_by(event_id, event_number) as first_event_id,
        min_by(traffic_source, event_number) filter (where traffic_source is not null) as source,
        min_by(traffic_medium, event_number) filter (where traffic_source is not null) as medium,
        min_by(campaign, event_number) filter (where campaign is not null) as campaign,
        min_by(keyword, event_number) filter (where keyword is not null) as keyword,
        min_by(page_url, event_number) filter (where page_url is not null) as landing_page_url,
        min_by(device, event_number) filter (where device is not null) as device,
        min_by(country_code, event_number) filter (where country_code is not null) as country_code,
        count(*) as events,
        count(*) filter (where event_name = 'page_view') as page_views,
        count(*) filter (where event_name = 'product_view') as product_views,
        count(*) filter (where event_name = 'add_to_cart') as cart_additions,
        count(*) filter (where event_name in ('{{ var("key_events") | join("', '") }}')) as key_events,
        sum(coalesce(engaged_ms, 0)) as engaged_ms,
        bool_or(is_robot) as is_robot,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events_numbered
    group by session_owner_id, session_number
),

sessions_with_duration as (
    select
        *,
        {{ dbt.datediff('started_at', 'ended_at', 'second') }} as duration_seconds
    from sessions
)

select
    md5(session_owner_id || '|' || first_event_id) as session_id,
    session_owner_id,
    visitor_id,
    contact_id,
    source,
    medium,
    campaign,
    keyword,
    landing_page_url,
    device,
    country_code,
    events,
    page_views,
    product_views,
    cart_additions,
    key_events,
    duration_seconds,
    cast(engaged_ms / 1000 as integer) as engaged_seconds,
    -- GA4's rule: over 10 seconds, or a key event, or two page views
    duration_seconds > 10 or key_events > 0 or page_views >= 2 as is_engaged,
    is_robot,
    {{ local_date('started_at') }} as started_on,
    started_at,
    ended_at
from sessions_with_duration
