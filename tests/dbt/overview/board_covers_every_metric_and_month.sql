-- The board has a row for every month and metric: a gap would make the month after it look like the next one.
select
    months.month_start,
    count(board.metric) as metrics
from {{ ref('int_months') }} as months
left join {{ ref('kpi_board') }} as board
    on months.month_start = board.month_start
group by months.month_start
having count(board.metric) <> 14
