-- Grain: one row per web session, robots included and flagged. Key: session_id; session_key, the event_key of its first
-- event, stands for it. Clock: the local day the session started. Grows: a batch replaces the sessions of the visitors
-- it touches.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {'column': 'session_key', 'model': 'int_web_events_touched', 'key': 'event_key'}}
) }}
with events as (
    select
        flagged.*,
        placed.session_key,
        placed.event_number
    from {{ ref('int_web_events_flagged') }} as flagged
    inner join {{ ref('int_web_events_placed') }} as placed
        on flagged.event_key = placed.event_key
    {%- if is_batch() %}
    where flagged.event_key in (select touched.event_key from {{ ref('int_web_events_touched') }} as touched)
    {%- else %}
    -- depends_on: {{ ref('int_web_events_touched') }}
    {%- endif %}
),

sessions as (
    select
        session_key,
        min_by(event_id, event_number) as first_event_id,
        min(visitor_id) as visitor_id,
        -- the person of the last log-in, for a browser that two colleagues share
        max_by(contact_id, event_number) filter (where contact_id is not null) as contact_id,
        min_by(traffic_source, event_number) filter (where traffic_source is not null) as source,
        min_by(traffic_medium, event_number) filter (where traffic_source is not null) as medium,
        -- of the event that gave the source, also when it has none; DuckDB's min_by passes over null, but not over ''
        nullif(
            min_by(coalesce(traffic_campaign, ''), event_number) filter (where traffic_source is not null), ''
        ) as campaign,
        nullif(
            min_by(coalesce(traffic_keyword, ''), event_number) filter (where traffic_source is not null), ''
        ) as keyword,
        min_by(page_url, event_number) filter (where page_url is not null) as landing_page_url,
        min_by(page_type, event_number) filter (where page_type is not null) as landing_page_type,
        min_by(device, event_number) filter (where device is not null) as device,
        min_by(country_code, event_number) filter (where country_code is not null) as country_code,
        count(*) as events,
        count(*) filter (where event_name = 'page_view') as page_views,
        count(*) filter (where event_name = 'product_view') as product_views,
        count(*) filter (where event_name = 'add_to_cart') as cart_additions,
        count(*) filter (where event_name = 'quote_request') as quote_requests,
        count(*) filter (where event_name in ('{{ var("key_events") | join("', '") }}')) as key_events,
        sum(coalesce(engaged_ms, 0)) as engaged_ms,
        bool_or(is_robot) as is_robot,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events
    group by session_key
),

sessions_with_duration as (
    select
        *,
        {{ dbt.datediff('started_at', 'ended_at', 'second') }} as duration_seconds
    from sessions
)

select
    session_key,
    {{ session_id(session_owner('visitor_id', 'first_event_id'), 'first_event_id') }} as session_id,
    first_event_id,
    visitor_id,
    contact_id,
    source,
    medium,
    campaign,
    keyword,
    landing_page_url,
    landing_page_type,
    device,
    country_code,
    events,
    page_views,
    product_views,
    cart_additions,
    quote_requests,
    key_events,
    duration_seconds,
    cast(engaged_ms / 1000 as integer) as engaged_seconds,
    -- GA4's rule: over 10 seconds, or a key event, or two page views
    ended_at > started_at + interval 10 second or key_events > 0 or page_views >= 2 as is_engaged,
    is_robot,
    {{ local_date('started_at') }} as started_on,
    started_at,
    ended_at
from sessions_with_duration
{%- if not is_batch() %}
-- in the order of arrival, which is nearly that of time: a batch then reads few row groups
order by session_key
{%- endif %}
