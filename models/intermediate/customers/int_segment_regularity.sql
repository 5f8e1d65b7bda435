-- Grain: one row per company size with two customers or more who have two intervals. Key: company_size. Not additive.
-- Wheat and Morrison's regularity k of the intervals between order days: from the last two intervals a and b of each
-- customer in the last 24 months, v = variance of a / (a + b), k = (1 - 4v) / 8v. Near 1 customers order at random,
-- and a silence tells little; the larger, the more regular. Empty when all intervals are equal (v = 0).
with intervals as (
    select
        order_days.account_id,
        order_days.interval_days,
        lag(order_days.interval_days) over (
            partition by order_days.account_id order by order_days.ordered_on
        ) as previous_interval_days,
        order_days.next_ordered_on is null as is_last
    from {{ ref('int_account_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    where order_days.ordered_on > {{ dbt.dateadd('month', -24, 'as_of.as_of_on') }}
),

variances as (
    select
        coalesce(accounts.company_size, 'unknown') as company_size,
        count(*) as customers,
        {{ stable_variance(ratio('intervals.previous_interval_days',
            'intervals.previous_interval_days + intervals.interval_days')) }} as variance
    from intervals
    left join {{ ref('int_accounts_unified') }} as accounts
        on intervals.account_id = accounts.account_id
    where
        intervals.is_last
        and intervals.interval_days is not null
        and intervals.previous_interval_days is not null
    group by coalesce(accounts.company_size, 'unknown')
)

select
    company_size,
    customers,
    {{ ratio('1 - 4 * variance', '8 * variance') }} as regularity
from variances
where customers > 1
