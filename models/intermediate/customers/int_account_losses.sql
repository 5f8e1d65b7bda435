-- Grain: one row per time a customer was lost. Key: account_id, last_ordered_on. Clock: lost_on, the first day on
-- which the silence exceeded the larger of churn_min_days and churn_interval_multiple times the customer's median
-- interval. The median knows only the intervals up to the last order, so that later orders never rewrite when a
-- customer was lost. A customer who orders again on that very day was not lost; one who comes back later was, and
-- keeps the row.
with order_days as (
    select * from {{ ref('int_account_order_days') }}
),

intervals_so_far as (
    select
        order_days.account_id,
        order_days.ordered_on,
        order_days.next_ordered_on,
        median(cast(earlier.interval_days as double)) as median_interval_days
    from order_days
    left join order_days as earlier
        on
            order_days.account_id = earlier.account_id
            and order_days.ordered_on >= earlier.ordered_on
    group by order_days.account_id, order_days.ordered_on, order_days.next_ordered_on
),

thresholds as (
    select
        *,
        cast(floor(greatest(
            {{ var('churn_min_days') }},
            coalesce({{ var('churn_interval_multiple') }} * median_interval_days, 0)
        )) as integer) as threshold_days
    from intervals_so_far
),

crossings as (
    select
        *,
        cast({{ dbt.dateadd('day', 'threshold_days + 1', 'ordered_on') }} as date) as lost_on
    from thresholds
)

select
    crossings.account_id,
    crossings.ordered_on as last_ordered_on,
    crossings.lost_on,
    crossings.next_ordered_on as won_back_on,
    crossings.median_interval_days,
    crossings.threshold_days
from crossings
cross join {{ ref('int_as_of') }} as as_of
where
    crossings.lost_on <= as_of.as_of_on
    and (crossings.next_ordered_on is null or crossings.next_ordered_on > crossings.lost_on)
