-- The channels of a month add up to its row all.
select month_start
from {{ ref('kpi_channel') }}
group by month_start
having
    sum(case when channel = 'all' then new_customers else -new_customers end) <> 0
    or sum(case when channel = 'all' then sessions else -sessions end) <> 0
    or sum(case when channel = 'all' then attributed_orders else -attributed_orders end) <> 0
    or abs(sum(case when channel = 'all' then spend_amount else -spend_amount end)) > 0.01
    or abs(sum(case when channel = 'all' then net_sales_amount else -net_sales_amount end)) > 0.01
