-- Grain: one row per web event that has to do with a cart or an order: it names a cart, or it adds, checks out, buys or
-- asks for a quote. Key: event_id. Few of all events, with the session they belong to, for readers who need no others.
-- Grows: a batch replaces the events that it places.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {'column': 'event_key', 'model': 'int_web_events_touched', 'key': 'event_key'}}
) }}
select
    events.event_key,
    events.event_id,
    sessions.session_id,
    events.visitor_id,
    events.event_name,
    events.product_id,
    events.cart_id,
    events.order_id,
    events.quote_id,
    events.occurred_at
from {{ ref('screened_web_events') }} as events
inner join {{ ref('int_web_events_placed') }} as placed
    on events.event_key = placed.event_key
inner join {{ ref('int_web_sessions') }} as sessions
    on placed.session_key = sessions.session_key
where
    events.row_outcome = 'accepted'
    and (
        events.cart_id is not null
        or events.event_name in ('add_to_cart', 'purchase', 'quote_request', 'checkout_start')
    )
{%- if is_batch() %}
    and events.event_key in (select touched.event_key from {{ ref('int_web_events_touched') }} as touched)
{%- else %}
-- depends_on: {{ ref('int_web_events_touched') }}
{%- endif %}
