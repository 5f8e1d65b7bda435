-- Grain: one row per web event: page views, and what a reader did on them. Key: event_id. Additive. Clocks:
-- occurred_on, and session_started_on, which KPIs of sessions go by. Robots and staff are included and flagged as in
-- fct_sessions. Grows: a batch replaces the events of the sessions that changed.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {
        'column': 'session_id', 'model': 'int_sessions_changed', 'key': 'session_id',
        'time': 'session_started_on', 'earliest': 'earliest_at',
    }}
) }}
with sessions as (
    select
        numbered.session_key,
        facts.session_id,
        facts.visitor_id,
        facts.contact_id,
        facts.account_id,
        facts.account_period_id,
        facts.is_valid,
        facts.started_on,
        facts.started_at,
        {{ local_date('facts.ended_at') }} as ended_on
    from {{ ref('fct_sessions') }} as facts
    inner join {{ ref('int_web_sessions') }} as numbered
        on facts.session_id = numbered.session_id
    {%- if is_batch() %}
    where
        facts.session_id in (select changed.session_id from {{ ref('int_sessions_changed') }} as changed)
        {{ and_not_before('facts.started_at', 'int_sessions_changed', 'earliest_at') }}
        {{ and_not_before('numbered.started_at', 'int_sessions_changed', 'earliest_at') }}
    {%- else %}
    -- depends_on: {{ ref('int_sessions_changed') }}
    {%- endif %}
)

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
    cast(placed.event_number as bigint) as event_number,
    events.event_name,
    events.page_type,
    events.page_url,
    cast(placed.seconds_to_next_event as bigint) as seconds_to_next_event,
    events.engaged_ms,
    events.load_time_ms,
    sessions.is_valid,
    -- few sessions last beyond midnight: two conversions to local time a session, not one an event
    case
        when sessions.started_on = sessions.ended_on then sessions.started_on
        else {{ local_date('events.occurred_at') }}
    end as occurred_on,
    sessions.started_on as session_started_on,
    events.occurred_at,
    events.received_at
from {{ ref('int_web_events_flagged') }} as events
inner join {{ ref('int_web_events_placed') }} as placed
    on events.event_key = placed.event_key
-- Every event has a session, unless a batch leaves it out. What is always so, of events and sessions, makes DuckDB join
-- the sessions last: it would hold all events with what is said of their sessions in memory, rather than their numbers.
{{ 'inner' if is_batch() else 'left' }} join sessions
    on
        placed.session_key = sessions.session_key
        and events.occurred_at >= sessions.started_at
