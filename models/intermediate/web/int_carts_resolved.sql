-- Grain: one row per cart. Key: cart_key. Clock: its first addition. A tracker without cart ids gives one cart a
-- session. A cart is ordered, or turned into a quote, by the first purchase or quote request that names it; failing a
-- name, by the first one later in a session that touched it. An order outweighs a quote request before it. Only what
-- comes within cart_window_days and up to as_of counts: B2B carts live for days. Until they have passed the cart is
-- open; then it was abandoned. Grows: a batch replaces the carts that it judges.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {'column': 'cart_key', 'model': 'int_carts_to_judge', 'key': 'cart_key'}}
) }}
-- depends_on: {{ ref('int_carts_to_judge') }}
with as_of as (
    select * from {{ ref('int_as_of') }}
),

events as (
    select
        *,
        {{ cart_key() }} as cart_key
    from {{ ref('int_cart_events') }}
    {%- if is_batch() %}
    -- all of the sessions that touched the carts: their outcomes are among them
    where session_id in (
        select session_id from {{ ref('int_cart_events') }}
        where {{ cart_key() }} in (select judged.cart_key from {{ ref('int_carts_to_judge') }} as judged)
    )
    {%- endif %}
),

carts as (
    select
        cart_key,
        min_by(session_id, {{ position_in_time('occurred_at', 'event_id') }}) as session_id,
        min_by(visitor_id, {{ position_in_time('occurred_at', 'event_id') }}) as visitor_id,
        count(*) as additions,
        count(distinct product_id) as products,
        min(occurred_at) as created_at
    from events
    where event_name = 'add_to_cart'
    {%- if is_batch() %}
        and cart_key in (select judged.cart_key from {{ ref('int_carts_to_judge') }} as judged)
    {%- endif %}
    group by cart_key
),

cart_sessions as (
    select
        carts.cart_key,
        carts.created_at,
        events.session_id
    from carts
    inner join events
        on carts.cart_key = events.cart_key
    group by carts.cart_key, carts.created_at, events.session_id
),

outcomes as (
    select
        cart_key,
        cart_id,
        session_id,
        event_name,
        order_id,
        quote_id,
        occurred_at,
        {{ position_in_time('occurred_at', 'event_id') }} as position,
        -- what was decided later was open then
        {{ local_date('occurred_at') }} > as_of.as_of_on as is_later
    from events
    cross join as_of
    where event_name in ('purchase', 'quote_request', 'checkout_start')
),

named_and_nearby_outcomes as (
    select
        carts.cart_key,
        outcomes.event_name,
        outcomes.order_id,
        outcomes.quote_id,
        outcomes.occurred_at,
        outcomes.position,
        outcomes.is_later
    from carts
    inner join outcomes
        on
            carts.cart_key = outcomes.cart_id
            and carts.created_at <= outcomes.occurred_at

    union all

    select
        cart_sessions.cart_key,
        outcomes.event_name,
        outcomes.order_id,
        outcomes.quote_id,
        outcomes.occurred_at,
        outcomes.position,
        outcomes.is_later
    from cart_sessions
    inner join outcomes
        on
            cart_sessions.session_id = outcomes.session_id
            and cart_sessions.created_at <= outcomes.occurred_at
    where outcomes.cart_id is null
),

cart_outcomes as (
    select
        cart_key,
        min_by(order_id, position) filter (where not is_later and event_name = 'purchase') as order_id,
        min_by(quote_id, position) filter (where not is_later and event_name = 'quote_request') as quote_id,
        min(occurred_at) filter (where not is_later and event_name = 'checkout_start') as checkout_started_at,
        min(occurred_at) filter (where not is_later and event_name = 'purchase') as ordered_at,
        min(occurred_at) filter (where not is_later and event_name = 'quote_request') as quote_requested_at,
        bool_or(is_later) as has_later_outcome
    from named_and_nearby_outcomes
    group by cart_key
)

select
    carts.cart_key,
    carts.session_id,
    carts.visitor_id,
    cart_outcomes.order_id,
    cart_outcomes.quote_id,
    carts.additions,
    carts.products,
    case
        when cart_outcomes.ordered_at < carts.created_at + interval {{ var('cart_window_days') }} day then 'ordered'
        when cart_outcomes.quote_requested_at < carts.created_at + interval {{ var('cart_window_days') }} day
            then 'converted_to_quote'
        when {{ local_date('(carts.created_at + interval ' ~ var('cart_window_days') ~ ' day)') }} > as_of.as_of_on
            then 'open'
        else 'abandoned'
    end as outcome,
    coalesce(cart_outcomes.has_later_outcome, false) as has_later_outcome,
    {{ local_date('carts.created_at') }} as created_on,
    carts.created_at,
    cart_outcomes.checkout_started_at,
    cart_outcomes.ordered_at,
    cart_outcomes.quote_requested_at
from carts
cross join as_of
left join cart_outcomes
    on carts.cart_key = cart_outcomes.cart_key
