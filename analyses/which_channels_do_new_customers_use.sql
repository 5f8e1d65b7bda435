-- Through which channel do companies order for the first time, and how much?
-- One order per company: the first of its first day. Offline channels are first contacts too: a board that only sees
-- the web would miss them.
with first_orders as (
    select
        order_channel,
        net_amount
    from {{ ref('fct_orders') }}
    where is_valid and is_first_order_day
    qualify row_number() over (partition by account_id order by ordered_at, order_id) = 1
)

select
    order_channel,
    count(*) as new_customers,
    round(sum(net_amount) / count(*), 2) as average_first_order_amount,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as share_percent
from first_orders
group by order_channel
order by new_customers desc, order_channel asc
