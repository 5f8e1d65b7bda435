-- Grain: one row per valid web order that a session can be found for. Key: order_id. The session is the one that
-- reported the purchase; failing that, the last session of the ordering visitor that was open when the order came, or
-- had ended less than session_timeout_minutes before. A purchase reported by two sessions, as on a reloaded page,
-- belongs to the first.
with web_orders as (
    select
        orders.order_id,
        orders.visitor_id,
        orders.ordered_at
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_validated') }} as validated
        on orders.order_id = validated.order_id
    where
        validated.is_valid
        -- an order whose channel nobody recorded came over the web if the tracker saw it
        and coalesce(orders.order_channel in ('{{ var("web_order_channels") | join("', '") }}'), true)
),

reporting_sessions as (
    select
        web_orders.order_id,
        min_by(events.session_id, {{ position_in_time('events.occurred_at', 'events.event_id') }}) as session_id
    from web_orders
    inner join {{ ref('int_cart_events') }} as events
        on
            web_orders.order_id = events.order_id
            -- other events name orders as well: who looks at an old one did not place it
            and events.event_name = 'purchase'
    group by web_orders.order_id
),

open_sessions as (
    select
        web_orders.order_id,
        max_by(
            sessions.session_id, {{ position_in_time('sessions.started_at', 'sessions.session_id') }}
        ) as session_id
    from web_orders
    inner join {{ ref('int_web_sessions') }} as sessions
        on
            web_orders.visitor_id = sessions.visitor_id
            and web_orders.ordered_at >= sessions.started_at
            and web_orders.ordered_at < sessions.ended_at + interval {{ var('session_timeout_minutes') }} minute
    group by web_orders.order_id
),

orders_with_session as (
    select
        web_orders.order_id,
        coalesce(reporting_sessions.session_id, open_sessions.session_id) as session_id
    from web_orders
    left join reporting_sessions
        on web_orders.order_id = reporting_sessions.order_id
    left join open_sessions
        on web_orders.order_id = open_sessions.order_id
)

select * from orders_with_session
where session_id is not null
