-- Grain: one row per cohort and month since. Key: cohort_month, months_since. Not additive over months_since. A
-- cohort is the customers whose first valid order fell in that month; retained means at least one valid order in the
-- later calendar month. retention_rate is empty in a month that is not complete.
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

cells as (
    select
        cohorts.cohort_month,
        months.month_start,
        {{ dbt.datediff('cohorts.cohort_month', 'months.month_start', 'month') }} as months_since,
        cohorts.cohort_customers,
        coalesce(retained.retained_customers, 0) as retained_customers,
        months.is_complete as is_complete_period
    from cohorts
    inner join {{ ref('int_months') }} as months
        on cohorts.cohort_month <= months.month_start
    left join retained
        on
            cohorts.cohort_month = retained.cohort_month
            and months.month_start = retained.month_start
)

select
    cohort_month,
    month_start,
    months_since,
    cohort_customers,
    retained_customers,
    case when is_complete_period then {{ ratio('retained_customers', 'cohort_customers') }} end as retention_rate,
    is_complete_period
from cells
