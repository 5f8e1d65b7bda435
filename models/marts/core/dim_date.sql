-- Grain: one row per calendar day, from the first month with data to the last day of as_of's month. Key: date_day.
with days as (
    select
        cast({{ dbt.dateadd('day', 'numbers.day_number', 'months.month_start') }} as date) as date_day,
        months.month_start,
        months.month_end,
        months.is_complete
    from {{ ref('int_months') }} as months
    inner join range(31) as numbers (day_number)
        on {{ dbt.dateadd('day', 'numbers.day_number', 'months.month_start') }} <= months.month_end
)

select
    date_day,
    month_start,
    cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start,
    cast({{ dbt.date_trunc('year', 'date_day') }} as date) as year_start,
    cast({{ iso_weekday('date_day') }} as integer) as iso_weekday,
    {{ iso_weekday('date_day') }} >= 6 as is_weekend,
    is_complete as is_complete_month
from days
