-- Grain: one row per valid order. Key: order_id. Additive. Clock: ordered_on (cohort view): what came back later
-- lowers the order it came from. Lines and returns whose cost is unknown are in net_sales_amount only; margin_amount
-- is empty when no line has a cost.
with line_sums as (
    select
        order_id,
        sum(net_amount) filter (where cost_amount is not null) as costed_net_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_order_lines') }}
    where is_valid
    group by order_id
),

returned as (
    select
        order_id,
        sum(refund_amount) as refund_amount,
        sum(refund_amount) filter (where cost_amount is not null) as costed_refund_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_returns') }}
    where is_valid and order_id is not null
    group by order_id
)

select
    orders.order_id,
    orders.account_id,
    row_number() over (
        partition by coalesce(orders.account_id, orders.order_id)
        order by orders.ordered_at, orders.order_id
    ) as order_number,
    cast(orders.net_amount as decimal(18, 4)) as sales_amount,
    cast(coalesce(returned.refund_amount, 0) as decimal(18, 4)) as refund_amount,
    cast(orders.net_amount - coalesce(returned.refund_amount, 0) as decimal(18, 4)) as net_sales_amount,
    cast(line_sums.costed_net_amount - coalesce(returned.costed_refund_amount, 0) as decimal(18, 4))
        as costed_sales_amount,
    cast(
        line_sums.costed_net_amount - coalesce(returned.costed_refund_amount, 0)
        - line_sums.cost_amount + coalesce(returned.cost_amount, 0) as decimal(18, 4)
    ) as margin_amount,
    orders.ordered_on,
    orders.ordered_at
from {{ ref('fct_orders') }} as orders
left join line_sums
    on orders.order_id = line_sums.order_id
left join returned
    on orders.order_id = returned.order_id
where orders.is_valid
