-- Grain: one row per customer and local day with a valid order. Key: account_id, ordered_on. Orders of one day are
-- one buying decision, so that intervals and repeat purchases are counted in days.
with order_values as (
    select
        order_id,
        sum(net_amount) as net_amount
    from {{ ref('int_order_lines_priced') }}
    group by order_id
),

order_days as (
    select
        orders.account_id,
        orders.ordered_on,
        count(*) as orders,
        sum(order_values.net_amount) as net_amount
    from {{ ref('int_orders_validated') }} as orders
    inner join order_values
        on orders.order_id = order_values.order_id
    where orders.is_valid and orders.account_id is not null
    group by orders.account_id, orders.ordered_on
),

order_days_in_sequence as (
    select
        *,
        row_number() over (partition by account_id order by ordered_on) as order_day_number,
        lag(ordered_on) over (partition by account_id order by ordered_on) as previous_ordered_on,
        lead(ordered_on) over (partition by account_id order by ordered_on) as next_ordered_on
    from order_days
)

select
    account_id,
    ordered_on,
    order_day_number,
    orders,
    net_amount,
    previous_ordered_on,
    next_ordered_on,
    {{ dbt.datediff('previous_ordered_on', 'ordered_on', 'day') }} as interval_days
from order_days_in_sequence
