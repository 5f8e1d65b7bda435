-- Grain: one row per calendar month of the reporting time zone, from the first month with data to the month of as_of.
-- Key: month_start. A month is complete when as_of has reached its last day; the first month when data start within
-- its first week, which allows for holidays and a weekend but not for an export that begins mid-month.
with bounds as (
    select
        as_of_on,
        data_starts_on,
        cast({{ dbt.date_trunc('month', 'data_starts_on') }} as date) as first_month,
        {{ dbt.datediff('data_starts_on', 'as_of_on', 'month') }} as last_month_number
    from {{ ref('int_as_of') }}
),

months as (
    select
        cast({{ dbt.dateadd('month', 'numbers.month_number', 'bounds.first_month') }} as date) as month_start,
        bounds.as_of_on,
        bounds.data_starts_on
    from bounds
    inner join range(2400) as numbers (month_number)
        on bounds.last_month_number >= numbers.month_number
),

months_with_end as (
    select
        month_start,
        {{ dbt.last_day('month_start', 'month') }} as month_end,
        as_of_on,
        data_starts_on
    from months
)

select
    month_start,
    month_end,
    month_end <= as_of_on
    and data_starts_on <= cast({{ dbt.dateadd('day', 6, 'month_start') }} as date) as is_complete
from months_with_end
