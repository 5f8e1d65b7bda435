-- Through which channel do companies order for the first time, and what do they spend on that day?
-- Offline channels are first contacts too: a board that only sees the web would miss them.
select
    order_channel,
    count(*) as first_orders,
    round(sum(net_amount) / count(*), 2) as average_first_order_amount,
    round(100.0 * count(*) / sum(count(*)) over (), 1) as share_percent
from {{ ref('fct_orders') }}
where is_valid and is_first_order_day
group by order_channel
order by first_orders desc, order_channel asc
