-- Grain: one row per customer with a valid order. Key: account_id. The customer's usual interval between order days
-- over the last 24 months: its own median from four intervals on; below that the mean drawn towards its size class by
-- the weight of three intervals, because two or three gaps say little. interval_limit_days is the 90th percentile
-- that a silence has to exceed: the customer's own, or the size class's.
with order_days as (
    select
        order_days.account_id,
        -- an interval belongs to the 24 months by the day it ended
        case
            when order_days.ordered_on > {{ dbt.dateadd('month', -24, 'as_of.as_of_on') }}
                then order_days.interval_days
        end as interval_days,
        coalesce(accounts.company_size, 'unknown') as segment
    from {{ ref('int_account_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('int_accounts_unified') }} as accounts
        on order_days.account_id = accounts.account_id
),

own_intervals as (
    select
        account_id,
        segment,
        count(interval_days) as interval_count,
        median(cast(interval_days as double)) as median_interval_days,
        avg(cast(interval_days as double)) as mean_interval_days,
        percentile_cont(0.9) within group (order by cast(interval_days as double)) as p90_interval_days
    from order_days
    group by account_id, segment
),

segment_intervals as (
    select
        segment,
        avg(cast(interval_days as double)) as mean_interval_days,
        percentile_cont(0.9) within group (order by cast(interval_days as double)) as p90_interval_days
    from order_days
    where interval_days is not null
    group by segment
)

select
    own.account_id,
    own.interval_count,
    case
        when own.interval_count >= 4 then 'own'
        when own.interval_count > 0 then 'shrunk'
        else 'segment'
    end as interval_basis,
    case
        when own.interval_count >= 4 then own.median_interval_days
        else
            (own.interval_count * coalesce(own.mean_interval_days, 0) + 3 * segment.mean_interval_days)
            / (own.interval_count + 3)
    end as usual_interval_days,
    case
        when own.interval_count >= 4 then own.p90_interval_days
        else segment.p90_interval_days
    end as interval_limit_days
from own_intervals as own
left join segment_intervals as segment
    on own.segment = segment.segment
