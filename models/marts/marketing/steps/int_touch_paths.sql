-- Grain: one row per valid order and web session that led to it. Key: order_id, session_id. The path of an order:
-- sessions that count, of all people of the account, begun within attribution_lookback_days before the order and
-- after the account's previous order, because an order ends the path that led to it. Orders of one moment share a
-- path. Anonymous sessions of the ordering browser belong to it too; a guest has no others. The session an order was
-- placed in always does, even if an earlier order came from it. Direct sessions are left out where any other is
-- there. An order without any session has no row.
with orders as (
    select
        orders.order_id,
        orders.session_id,
        orders.account_id,
        coalesce(orders.account_id, orders.order_id) as buyer_id,
        coalesce(orders.visitor_id, own_sessions.visitor_id) as visitor_id,
        orders.ordered_at
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('fct_sessions') }} as own_sessions
        on orders.session_id = own_sessions.session_id
    where orders.is_valid
),

order_moments as (
    select
        buyer_id,
        ordered_at
    from orders
    group by buyer_id, ordered_at
),

order_moments_in_sequence as (
    select
        buyer_id,
        ordered_at,
        lag(ordered_at) over (partition by buyer_id order by ordered_at) as previous_ordered_at
    from order_moments
),

orders_with_previous as (
    select
        orders.*,
        order_moments_in_sequence.previous_ordered_at
    from orders
    inner join order_moments_in_sequence
        on
            orders.buyer_id = order_moments_in_sequence.buyer_id
            and orders.ordered_at = order_moments_in_sequence.ordered_at
),

sessions as (
    select * from {{ ref('fct_sessions') }}
    where is_valid
),

{% set within_the_path -%}
    sessions.started_at <= orders.ordered_at
            and sessions.started_at >= orders.ordered_at - interval {{ var('attribution_lookback_days') }} day
            and coalesce(sessions.started_at > orders.previous_ordered_at, true)
{%- endset %}
found_touches as (
    select
        orders.order_id,
        sessions.session_id
    from orders_with_previous as orders
    inner join sessions
        on
            orders.account_id = sessions.account_id
            and {{ within_the_path }}
    union
    select
        orders.order_id,
        sessions.session_id
    from orders_with_previous as orders
    inner join sessions
        on
            orders.visitor_id = sessions.visitor_id
            and sessions.account_id is null
            and {{ within_the_path }}
    union
    select
        orders.order_id,
        sessions.session_id
    from orders_with_previous as orders
    inner join sessions
        on orders.session_id = sessions.session_id
),

touches as (
    select
        found_touches.order_id,
        found_touches.session_id,
        channels.channel,
        sessions.source,
        channels.campaign_id,
        sessions.started_at as touched_at,
        -- the purchase may be reported a moment after the order
        greatest({{ hours_between('sessions.started_at', 'orders.ordered_at') }}, 0) / 24 as days_before_order,
        bool_or(channels.channel <> 'direct') over (partition by found_touches.order_id) as has_other_than_direct
    from found_touches
    inner join orders
        on found_touches.order_id = orders.order_id
    inner join sessions
        on found_touches.session_id = sessions.session_id
    inner join {{ ref('int_session_channels') }} as channels
        on found_touches.session_id = channels.session_id
),

counted_touches as (
    select
        *,
        row_number() over (partition by order_id order by touched_at, session_id) as touch_number,
        count(*) over (partition by order_id) as touches,
        row_number() over (partition by order_id, channel order by touched_at, session_id) as channel_touch_number,
        count(*) over (partition by order_id, channel) as channel_touches
    from touches
    where channel <> 'direct' or not has_other_than_direct
)

select
    order_id,
    session_id,
    channel,
    source,
    campaign_id,
    touch_number,
    touches,
    channel_touches,
    sum(case when channel_touch_number = 1 then 1 else 0 end) over (partition by order_id) as channels,
    days_before_order,
    touched_at
from counted_touches
