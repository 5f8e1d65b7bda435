-- Grain: one row per web event. Key: event_id. Says which session an event belongs to. A session ends after
-- session_timeout_minutes without an event; neither midnight nor a new campaign cuts it. An event without visitor is
-- a session of its own. Events of one visitor at the same instant are ordered by event_id, so that the same events
-- always give the same sessions and ids.
with events as (
    select
        *,
        -- a visitor and an event may have the same number
        coalesce(visitor_id, 'event ' || event_id) as session_owner_id
    from {{ ref('int_web_events_flagged') }}
),

events_with_neighbours as (
    select
        *,
        lag(occurred_at) over (partition by session_owner_id order by occurred_at, event_id) as previous_occurred_at,
        lead(occurred_at) over (partition by session_owner_id order by occurred_at, event_id) as next_occurred_at
    from events
),

events_with_start as (
    select
        *,
        case
            when occurred_at < previous_occurred_at + interval {{ var('session_timeout_minutes') }} minute then null
            else event_id
        end as starting_event_id
    from events_with_neighbours
),

events_in_sessions as (
    select
        *,
        {{ last_known('starting_event_id') }} over (
            partition by session_owner_id
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as first_event_id,
        row_number() over (partition by session_owner_id order by occurred_at, event_id) as event_number
    from events_with_start
)

select
    event_id,
    md5(session_owner_id || '|' || first_event_id) as session_id,
    visitor_id,
    contact_id,
    event_number,
    event_name,
    page_url,
    page_type,
    traffic_source,
    traffic_medium,
    traffic_campaign,
    traffic_keyword,
    device,
    country_code,
    product_id,
    cart_id,
    order_id,
    quote_id,
    engaged_ms,
    load_time_ms,
    is_robot,
    -- how long the reader stayed is known from the next event of the session only
    case
        when next_occurred_at < occurred_at + interval {{ var('session_timeout_minutes') }} minute
            then {{ dbt.datediff('occurred_at', 'next_occurred_at', 'second') }}
    end as seconds_to_next_event,
    occurred_at,
    received_at
from events_in_sessions
