-- Grain: one row per line of an order that was cancelled after it was shipped or paid, as far as it had not been
-- returned. Key: order_line_id. The sale stands on the day of the order, and is taken back on the day of the
-- cancellation. refund_amount is in the order's currency. A credit for the order that names no line is spread over
-- its lines by value. An undated cancellation takes the time of the last shipment, else the beginning of
-- the local day of the first payment.
with line_credits as (
    select
        order_line_id,
        sum(quantity) as quantity,
        sum(order_refund_amount) as refund_amount
    from {{ ref('int_returns_resolved') }}
    where order_line_id is not null
    group by order_line_id
),

order_credits as (
    select
        order_id,
        sum(order_refund_amount) as refund_amount
    from {{ ref('int_returns_resolved') }}
    where
        order_line_id is null
        and order_id is not null
    group by order_id
),

cancelled_orders as (
    select
        orders.order_id,
        coalesce(
            orders.cancelled_at, progressed.last_shipped_at, {{ start_of_local_day('progressed.first_paid_on') }}
        ) as cancelled_at
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_validated') }} as validated
        on orders.order_id = validated.order_id
    inner join {{ ref('int_orders_progressed') }} as progressed
        on orders.order_id = progressed.order_id
    where validated.is_cancelled_after_shipment
),

remaining_lines as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.product_id,
        greatest(order_lines.quantity - coalesce(line_credits.quantity, 0), 0) as quantity,
        greatest(order_lines.net_amount_txn - coalesce(line_credits.refund_amount, 0), 0) as net_amount,
        cancelled_orders.cancelled_at
    from {{ ref('int_order_lines_priced') }} as order_lines
    inner join cancelled_orders
        on order_lines.order_id = cancelled_orders.order_id
    left join line_credits
        on order_lines.order_line_id = line_credits.order_line_id
),

lines_with_order_credit as (
    select
        remaining_lines.*,
        coalesce(order_credits.refund_amount, 0) as order_credit_amount,
        sum(remaining_lines.net_amount) over (partition by remaining_lines.order_id) as order_net_amount
    from remaining_lines
    left join order_credits
        on remaining_lines.order_id = order_credits.order_id
)

select
    order_line_id,
    order_id,
    product_id,
    cast(quantity as decimal(18, 4)) as quantity,
    case
        when order_credit_amount = 0 then cast(net_amount as decimal(18, 4))
        else {{ scaled('net_amount', 'order_net_amount - order_credit_amount', 'order_net_amount') }}
    end as refund_amount,
    cancelled_at
from lines_with_order_credit
where
    net_amount > 0
    and order_net_amount > order_credit_amount
