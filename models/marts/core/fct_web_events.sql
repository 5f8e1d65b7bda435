-- Grain: one row per web event: page views, and what a reader did on them. Key: event_id. Additive. Clocks:
-- occurred_on, and session_started_on, which KPIs of sessions go by. Robots and staff are included and flagged as in
-- fct_sessions.
select
    events.event_id,
    events.session_id,
    sessions.visitor_id,
    sessions.contact_id,
    sessions.account_id,
    sessions.account_period_id,
    events.product_id,
    events.cart_id,
    events.order_id,
    events.quote_id,
    events.event_number,
    events.event_name,
    events.page_type,
    events.page_url,
    events.seconds_to_next_event,
    events.engaged_ms,
    events.load_time_ms,
    sessions.is_valid,
    {{ local_date('events.occurred_at') }} as occurred_on,
    sessions.started_on as session_started_on,
    events.occurred_at,
    events.received_at
from {{ ref('int_web_events_sessionized') }} as events
inner join {{ ref('fct_sessions') }} as sessions
    on events.session_id = sessions.session_id
