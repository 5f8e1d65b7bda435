-- Grain: one row per order line. Key: order_line_id. Additive. Clock: the order's day. gross = price shown to the
-- account x quantity; net = gross - discounts, where the discount of the whole order is spread over its lines by
-- value. Amounts ending in _txn are in the order's currency, the others in the base currency at the order-day rate.
with lines as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.product_id,
        order_lines.quantity,
        order_lines.unit_price,
        order_lines.unit_cost,
        order_lines.promised_on,
        orders.rate_to_base,
        orders.order_discount_amount,
        coalesce(products.product_type, 'goods') as product_type,
        -- a surcharge is no negative discount: gross is never below what was charged
        {{ product(
            'greatest(coalesce(order_lines.list_unit_price, order_lines.unit_price), order_lines.unit_price)',
            'order_lines.quantity'
        ) }} as gross_amount_txn,
        {{ product('order_lines.unit_price', 'order_lines.quantity') }} as agreed_amount_txn,
        {{ product('order_lines.unit_price', 'order_lines.quantity') }}
        - coalesce(order_lines.discount_amount, 0) as net_before_order_discount_txn
    from {{ ref('order_lines') }} as order_lines
    inner join {{ ref('int_orders_converted') }} as orders
        on order_lines.order_id = orders.order_id
    left join {{ ref('products') }} as products
        on order_lines.product_id = products.product_id
),

lines_with_running_value as (
    select
        *,
        sum(net_before_order_discount_txn) over (partition by order_id) as order_value_txn,
        sum(net_before_order_discount_txn) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as running_value_txn
    from lines
),

-- Each line takes the rise of the rounded running share, so that the shares add up to the discount to the last digit.
lines_with_running_discount as (
    select
        *,
        cast(
            coalesce(order_discount_amount, 0) * coalesce({{ ratio('running_value_txn', 'order_value_txn') }}, 0)
            as decimal(18, 4)
        ) as running_discount_txn
    from lines_with_running_value
),

lines_discounted as (
    select
        *,
        running_discount_txn - coalesce(
            lag(running_discount_txn) over (partition by order_id order by order_line_id), 0
        ) as order_discount_share_txn
    from lines_with_running_discount
),

lines_netted as (
    select
        *,
        net_before_order_discount_txn - order_discount_share_txn as net_amount_txn
    from lines_discounted
)

select
    order_line_id,
    order_id,
    product_id,
    product_type,
    quantity,
    unit_price,
    cast(gross_amount_txn as decimal(18, 4)) as gross_amount_txn,
    cast(gross_amount_txn - net_amount_txn as decimal(18, 4)) as discount_amount_txn,
    cast(net_amount_txn as decimal(18, 4)) as net_amount_txn,
    cast({{ product('gross_amount_txn', 'rate_to_base') }} as decimal(18, 4)) as gross_amount,
    cast({{ product('agreed_amount_txn', 'rate_to_base') }} as decimal(18, 4)) as agreed_amount,
    cast({{ product('gross_amount_txn', 'rate_to_base') }} as decimal(18, 4))
    - cast({{ product('net_amount_txn', 'rate_to_base') }} as decimal(18, 4)) as discount_amount,
    cast({{ product('net_amount_txn', 'rate_to_base') }} as decimal(18, 4)) as net_amount,
    cast({{ product('unit_cost', 'quantity') }} * rate_to_base as decimal(18, 4)) as cost_amount,
    product_type not in ('{{ var("product_types_outside_sales") | join("', '") }}') as is_merchandise,
    promised_on
from lines_netted
