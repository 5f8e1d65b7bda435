-- All catalogs of a month, sales without one included, have the revenue of the board.
with catalogs as (
    select
        month_start,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('kpi_catalog_performance') }}
    group by month_start
)

select
    board.month_start,
    board.numerator,
    catalogs.net_sales_amount
from {{ ref('kpi_board') }} as board
left join catalogs
    on board.month_start = catalogs.month_start
where
    board.metric = 'revenue'
    and board.numerator <> coalesce(catalogs.net_sales_amount, 0)
