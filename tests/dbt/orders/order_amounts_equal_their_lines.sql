-- An order's merchandise is the sum of its merchandise lines, to the last digit: no fan-out between the two facts.
with lines as (
    select
        order_id,
        sum(net_amount) filter (where is_merchandise) as net_amount
    from {{ ref('fct_order_lines') }}
    group by order_id
)

select
    orders.order_id,
    orders.net_amount,
    lines.net_amount as lines_amount
from {{ ref('fct_orders') }} as orders
full join lines
    on orders.order_id = lines.order_id
where
    orders.net_amount is distinct from coalesce(lines.net_amount, 0)
    or orders.order_id is null
