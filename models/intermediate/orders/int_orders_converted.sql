-- Grain: one row per order. Key: order_id. Gives each order its local day and the exchange rate of that day, which
-- freezes its base amounts. Screening rejected the orders that have no rate.
with orders as (
    select
        order_id,
        ordered_at,
        {{ local_date('ordered_at') }} as ordered_on,
        coalesce(currency_code, '{{ var("base_currency") }}') as currency_code,
        order_discount_amount
    from {{ ref('orders') }}
),

exchange_rate_periods as (
    select * from {{ ref('int_exchange_rate_periods') }}
)

select
    orders.order_id,
    orders.currency_code,
    orders.order_discount_amount,
    exchange_rate_periods.rate_to_base,
    orders.ordered_on,
    orders.ordered_at
from orders
inner join exchange_rate_periods
    on
        orders.currency_code = exchange_rate_periods.currency_code
        and orders.ordered_on >= exchange_rate_periods.valid_from
        and orders.ordered_on < exchange_rate_periods.valid_until
