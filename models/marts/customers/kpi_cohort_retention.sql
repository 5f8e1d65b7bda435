-- Grain: one row per cohort and month since. Key: cohort_month, months_since. Not additive over months_since. A
-- cohort is the customers whose first valid order fell in that month; retained means at least one valid order in the
-- later calendar month. Net sales are those of the cohort in that month, returns when credited. retention_rate, its
-- interval and revenue_retention_ratio are empty in a month that is not complete. is_reportable goes by the size of
-- the cohort, which many months do not change.
with customer_months as (
    select
        account_id,
        {{ month_of('ordered_on') }} as month_start
    from {{ ref('int_account_order_days') }}
    group by account_id, {{ month_of('ordered_on') }}
),

customer_cohorts as (
    select
        account_id,
        min(month_start) as cohort_month
    from customer_months
    group by account_id
),

cohorts as (
    select
        cohort_month,
        count(*) as cohort_customers
    from customer_cohorts
    group by cohort_month
),

retained as (
    select
        customer_cohorts.cohort_month,
        customer_months.month_start,
        count(*) as retained_customers
    from customer_cohorts
    inner join customer_months
        on customer_cohorts.account_id = customer_months.account_id
    group by customer_cohorts.cohort_month, customer_months.month_start
),

net_sales as (
    select
        customer_cohorts.cohort_month,
        {{ month_of('sales.active_on') }} as month_start,
        sum(sales.net_sales_amount) as net_sales_amount
    from customer_cohorts
    inner join {{ ref('int_account_daily_sales') }} as sales
        on customer_cohorts.account_id = sales.account_id
    group by customer_cohorts.cohort_month, {{ month_of('sales.active_on') }}
),

cells as (
    select
        cohorts.cohort_month,
        months.month_start,
        {{ dbt.datediff('cohorts.cohort_month', 'months.month_start', 'month') }} as months_since,
        cohorts.cohort_customers,
        coalesce(retained.retained_customers, 0) as retained_customers,
        coalesce(net_sales.net_sales_amount, 0) as net_sales_amount,
        coalesce(first_net_sales.net_sales_amount, 0) as first_month_net_sales_amount,
        months.is_complete as is_complete_period
    from cohorts
    inner join {{ ref('int_months') }} as months
        on cohorts.cohort_month <= months.month_start
    left join retained
        on
            cohorts.cohort_month = retained.cohort_month
            and months.month_start = retained.month_start
    left join net_sales
        on
            cohorts.cohort_month = net_sales.cohort_month
            and months.month_start = net_sales.month_start
    left join net_sales as first_net_sales
        on
            cohorts.cohort_month = first_net_sales.cohort_month
            and cohorts.cohort_month = first_net_sales.month_start
)

select
    cohort_month,
    month_start,
    months_since,
    cohort_customers,
    retained_customers,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(first_month_net_sales_amount as decimal(18, 4)) as first_month_net_sales_amount,
    case when is_complete_period then {{ ratio('retained_customers', 'cohort_customers') }} end as retention_rate,
    {{ wilson_bounds('retained_customers', 'cohort_customers', 'retention_rate', when='is_complete_period') }},
    case
        when is_complete_period and first_month_net_sales_amount > 0
            then {{ ratio('net_sales_amount', 'first_month_net_sales_amount') }}
    end as revenue_retention_ratio,
    {{ is_reportable('cohort_customers') }} as is_reportable,
    is_complete_period
from cells
