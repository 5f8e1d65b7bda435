-- All channels of a month have the orders and the revenue of the board.
with channels as (
    select
        month_start,
        sum(orders) as orders,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('kpi_order_channel') }}
    where period <> 'all'
    group by month_start
)

select
    board.month_start,
    board.metric,
    board.numerator,
    channels.orders,
    channels.net_sales_amount
from {{ ref('kpi_board') }} as board
left join channels
    on board.month_start = channels.month_start
where
    (board.metric = 'orders' and board.numerator <> coalesce(channels.orders, 0))
    or (board.metric = 'revenue' and board.numerator <> coalesce(channels.net_sales_amount, 0))
