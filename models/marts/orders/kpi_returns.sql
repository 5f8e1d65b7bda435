-- Grain: one row per month and reason that occurs at all, zero-filled. Key: month_start, reason. Additive over
-- reasons: what was returned; over months also what the rates divide by, which is the same for every reason of a
-- month. Two clocks: columns that begin with cohort_ count goods shipped in the month (the day the last goods of
-- their line left) and what of them came back within return_window_days; the others count credits of the month.
with returned as (
    select
        *,
        coalesce(reason, 'unknown') as reason_name
    from {{ ref('fct_returns') }}
    where is_valid
),

reasons as (
    select reason_name as reason
    from returned
    group by reason_name
),

credited as (
    select
        {{ month_of('returned_on') }} as month_start,
        reason_name as reason,
        count(*) as returned_lines,
        count(distinct credit_note_id) as credit_notes,
        sum(quantity) as returned_units,
        sum(refund_amount) as returns_amount
    from returned
    group by {{ month_of('returned_on') }}, reason_name
),

month_sales as (
    select
        {{ month_of('ordered_on') }} as month_start,
        sum(net_amount) as sales_amount
    from {{ ref('fct_orders') }}
    where is_valid
    group by {{ month_of('ordered_on') }}
),

month_shipped as (
    select
        {{ month_of('shipped_on') }} as month_start,
        count(*) as shipped_lines,
        sum(shipped_units) as shipped_units
    from {{ ref('int_shipped_lines') }}
    group by {{ month_of('shipped_on') }}
),

cohort_returned as (
    select
        {{ month_of('lines.shipped_on') }} as month_start,
        returned.reason_name as reason,
        sum(returned.quantity) as returned_units
    from {{ ref('int_shipped_lines') }} as lines
    inner join returned
        on
            lines.order_line_id = returned.order_line_id
            and lines.return_window_ends_on >= returned.returned_on
    group by {{ month_of('lines.shipped_on') }}, returned.reason_name
),

reason_months as (
    select
        months.month_start,
        reasons.reason,
        coalesce(credited.returned_lines, 0) as returned_lines,
        coalesce(credited.credit_notes, 0) as credit_notes,
        coalesce(credited.returned_units, 0) as returned_units,
        coalesce(credited.returns_amount, 0) as returns_amount,
        coalesce(month_sales.sales_amount, 0) as month_sales_amount,
        coalesce(cohort_returned.returned_units, 0) as cohort_returned_units,
        coalesce(month_shipped.shipped_lines, 0) as cohort_shipped_lines,
        coalesce(month_shipped.shipped_units, 0) as cohort_shipped_units,
        months.is_complete as is_complete_period,
        months.is_complete
        and {{ dbt.dateadd('day', var('return_window_days'), 'months.month_end') }} <= as_of.as_of_on
            as is_cohort_complete
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
    cross join reasons
    left join credited
        on
            months.month_start = credited.month_start
            and reasons.reason = credited.reason
    left join month_sales
        on months.month_start = month_sales.month_start
    left join month_shipped
        on months.month_start = month_shipped.month_start
    left join cohort_returned
        on
            months.month_start = cohort_returned.month_start
            and reasons.reason = cohort_returned.reason
)

select
    month_start,
    reason,
    returned_lines,
    credit_notes,
    cast(returned_units as decimal(18, 4)) as returned_units,
    cast(returns_amount as decimal(18, 4)) as returns_amount,
    cast(month_sales_amount as decimal(18, 4)) as month_sales_amount,
    {{ ratio('returns_amount', 'month_sales_amount') }} as returns_to_sales_rate,
    cast(cohort_returned_units as decimal(18, 4)) as cohort_returned_units,
    cohort_shipped_lines,
    cast(cohort_shipped_units as decimal(18, 4)) as cohort_shipped_units,
    case when is_cohort_complete then {{ ratio('cohort_returned_units', 'cohort_shipped_units') }} end
        as cohort_return_rate,
    {{ wilson_bounds(
        'cohort_returned_units', 'cohort_shipped_units', 'cohort_return_rate', when='is_cohort_complete'
    ) }},
    {{ is_reportable('cohort_shipped_lines') }} as is_cohort_return_rate_reportable,
    is_cohort_complete,
    is_complete_period
from reason_months
