-- Grain: one row per web event. Key: event_id. Events with the session they belong to. View: most readers want few of
-- the events or few of the columns.
{{ config(materialized='view') }}
select
    events.event_id,
    sessions.session_id,
    events.visitor_id,
    events.contact_id,
    placed.event_number,
    events.event_name,
    events.page_url,
    events.page_type,
    events.product_id,
    events.cart_id,
    events.order_id,
    events.quote_id,
    events.engaged_ms,
    events.load_time_ms,
    placed.seconds_to_next_event,
    events.occurred_at,
    events.received_at
from {{ ref('int_web_events_flagged') }} as events
inner join {{ ref('int_web_events_placed') }} as placed
    on events.event_key = placed.event_key
inner join {{ ref('int_web_sessions') }} as sessions
    on placed.session_key = sessions.session_key
