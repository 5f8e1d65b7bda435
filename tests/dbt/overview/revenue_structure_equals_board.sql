-- Every dimension holds all of a month: its members add up to the revenue on the board, so that none is lost or counted
-- twice on the way. A company without sales has no members, and 0 on the board.
with members as (
    select
        month_start,
        dimension,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('kpi_revenue_structure') }}
    group by month_start, dimension
)

select
    board.month_start,
    members.dimension,
    board.numerator as board_amount,
    members.net_sales_amount
from {{ ref('kpi_board') }} as board
left join members
    on board.month_start = members.month_start
where
    board.metric = 'revenue'
    and board.numerator <> coalesce(members.net_sales_amount, 0)
