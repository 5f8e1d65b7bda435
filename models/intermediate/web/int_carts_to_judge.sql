-- Grain: one row per cart, or what was or might be one, of which a batch asks anew what became of it. Key: cart_key.
-- Empty in a full build. Those that events placed or displaced name; those of sessions that changed; those that were
-- open, and those with an outcome on the other side of as_of than before; and those of a run that ended half way.
{% if is_batch() -%}
with touched as (
    select event_key from {{ ref('int_web_events_touched') }}
),

changed_sessions as (
    select session_id from {{ ref('int_sessions_changed') }}
),

judged as (
    select {{ cart_key() }} as cart_key
    from {{ ref('int_cart_events') }}
    where event_key in (select touched.event_key from touched)

    union

    select cart_id as cart_key
    from {{ ref('screened_web_events') }}
    where event_key in (select touched.event_key from touched)

    union

    select cart_key
    from {{ stored('int_carts_resolved') }}
    where
        session_id in (select changed_sessions.session_id from changed_sessions)
        or cart_key in (select changed_sessions.session_id from changed_sessions)

    union

    select carts.cart_key
    from {{ stored('int_carts_resolved') }} as carts
    cross join {{ ref('int_as_of') }} as as_of
    where
        carts.outcome = 'open'
        or carts.has_later_outcome
        or {{ local_date('(carts.created_at + interval ' ~ var('cart_window_days') ~ ' day)') }} > as_of.as_of_on
        or {{ local_date('carts.checkout_started_at') }} > as_of.as_of_on
        or {{ local_date('carts.ordered_at') }} > as_of.as_of_on
        or {{ local_date('carts.quote_requested_at') }} > as_of.as_of_on

    union

    select cart_key
    from {{ this }}
    where not {{ is_last_run_whole() }}
)

select cart_key from judged
where cart_key is not null
{%- else -%}
select {{ cart_key() }} as cart_key
from {{ ref('int_cart_events') }}
where 1 = 0
-- depends_on: {{ ref('int_web_events_touched') }} {{ ref('int_sessions_changed') }} {{ ref('int_as_of') }}
-- depends_on: {{ ref('screened_web_events') }}
{%- endif %}
