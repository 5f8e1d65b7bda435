-- Grain: one row per day for which the pipeline is stated: the end of each month up to as_of, and as_of. Key:
-- snapshot_on. With it the quarter ahead, that of the day after: coverage compares what is due in it with its quota.
with as_of as (
    select * from {{ ref('int_as_of') }}
),

days as (
    select months.month_end as snapshot_on
    from {{ ref('int_months') }} as months
    cross join as_of
    where months.month_end <= as_of.as_of_on
    union
    select as_of_on as snapshot_on
    from as_of
    where as_of_on is not null
),

days_with_quarter as (
    select
        snapshot_on,
        cast({{ dbt.date_trunc('quarter', dbt.dateadd('day', 1, 'snapshot_on')) }} as date) as quarter_start
    from days
)

select
    days.snapshot_on,
    {{ month_of('days.snapshot_on') }} as month_start,
    days.quarter_start,
    cast({{ dbt.dateadd('month', 3, 'days.quarter_start') }} as date) as next_quarter_start,
    cast({{ dbt.dateadd('month', -12, 'days.snapshot_on') }} as date) as year_before_on,
    days.snapshot_on = as_of.as_of_on as is_as_of
from days_with_quarter as days
cross join as_of
