-- Revenue of the last complete month against the one before: more orders, larger orders, or fewer returns?
-- Revenue = orders x average order value - returns. Each effect is what revenue would have done had only that factor
-- changed, in this order; the three add up to the change.
with complete_months as (
    select
        month_start,
        max(numerator) filter (where metric = 'orders') as orders,
        max(value) filter (where metric = 'aov') as aov,
        max(numerator) filter (where metric = 'aov') as sales_amount,
        max(value) filter (where metric = 'revenue') as revenue
    from {{ ref('kpi_board') }}
    where metric in ('orders', 'aov', 'revenue') and is_complete_period
    group by month_start
),

compared as (
    select
        *,
        lag(orders) over (order by month_start) as previous_orders,
        lag(aov) over (order by month_start) as previous_aov,
        lag(sales_amount) over (order by month_start) as previous_sales_amount,
        lag(revenue) over (order by month_start) as previous_revenue
    from complete_months
)

select
    month_start,
    round(revenue - previous_revenue, 2) as revenue_change,
    round((orders - previous_orders) * previous_aov, 2) as by_number_of_orders,
    round(orders * (aov - previous_aov), 2) as by_size_of_orders,
    round((previous_sales_amount - previous_revenue) - (sales_amount - revenue), 2) as by_returns
from compared
order by month_start desc
limit 1
