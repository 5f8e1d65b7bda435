-- Grain: one row per calendar month and company size, for every size with a line that was ever due. Key: month_start,
-- company_size. Counts are additive; rates and medians are not. Clock: the promised day, of an order the last one of
-- its lines. What has not come by as_of stays in the month it was promised for, and is aged apart from what came
-- late: one line that never comes would outweigh all others. Rules: int_order_lines_fulfilled.
with lines as (
    select
        lines.order_line_id,
        lines.order_id,
        {{ month_of('lines.promised_on') }} as month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        lines.ordered_quantity,
        lines.delivered_quantity,
        lines.late_days,
        lines.is_early,
        lines.is_on_time,
        lines.is_in_full,
        lines.is_otif,
        lines.promised_on,
        lines.completed_on is not null as is_delivered,
        lines.completed_on is null and lines.cancelled_on is null as is_undelivered,
        -- nothing is late yet on the promised day itself
        cast(coalesce(lines.late_days, 0) as double) as missing_days
    from {{ ref('int_order_lines_fulfilled') }} as lines
    left join {{ ref('dim_account_history') }} as account_periods
        on lines.account_period_id = account_periods.account_period_id
    where lines.is_due
),

-- An order is due when the last of its lines was; a line without a promised day, or promised for later, keeps it open.
open_orders as (
    select order_id
    from {{ ref('int_order_lines_fulfilled') }}
    where
        not is_due
        and cancelled_on is null
    group by order_id
),

orders as (
    select
        lines.order_id,
        lines.company_size,
        max(lines.month_start) as month_start,
        bool_and(lines.is_otif) as is_otif
    from lines
    left join open_orders
        on lines.order_id = open_orders.order_id
    where open_orders.order_id is null
    group by lines.order_id, lines.company_size
),

lines_by_month as (
    select
        month_start,
        company_size,
        count(*) as lines_due,
        count(*) filter (where is_on_time) as on_time_lines,
        count(*) filter (where is_in_full) as in_full_lines,
        count(*) filter (where is_otif) as otif_lines,
        count(*) filter (where is_early) as early_lines,
        count(*) filter (where late_days > 0) as late_lines,
        count(*) filter (where is_undelivered) as undelivered_lines,
        sum(ordered_quantity) as units_due,
        sum(least(delivered_quantity, ordered_quantity)) as units_delivered,
        median(cast(late_days as double)) filter (where is_delivered) as late_days_median,
        percentile_cont(0.9) within group (
            order by cast(late_days as double)
        ) filter (where is_delivered) as late_days_p90,
        median(missing_days) filter (where is_undelivered) as missing_days_median,
        max(missing_days) filter (where is_undelivered) as missing_days_max
    from lines
    group by month_start, company_size
),

orders_by_month as (
    select
        month_start,
        company_size,
        count(*) as orders_due,
        count(*) filter (where is_otif) as otif_orders
    from orders
    group by month_start, company_size
),

company_sizes as (
    select company_size
    from lines_by_month
    group by company_size
),

month_counts as (
    select
        months.month_start,
        company_sizes.company_size,
        months.is_complete as is_complete_period,
        coalesce(lines.lines_due, 0) as lines_due,
        coalesce(lines.on_time_lines, 0) as on_time_lines,
        coalesce(lines.in_full_lines, 0) as in_full_lines,
        coalesce(lines.otif_lines, 0) as otif_lines,
        coalesce(lines.early_lines, 0) as early_lines,
        coalesce(lines.late_lines, 0) as late_lines,
        coalesce(lines.undelivered_lines, 0) as undelivered_lines,
        coalesce(lines.units_due, 0) as units_due,
        coalesce(lines.units_delivered, 0) as units_delivered,
        coalesce(orders.orders_due, 0) as orders_due,
        coalesce(orders.otif_orders, 0) as otif_orders,
        lines.late_days_median,
        lines.late_days_p90,
        lines.missing_days_median,
        lines.missing_days_max
    from {{ ref('int_months') }} as months
    cross join company_sizes
    left join lines_by_month as lines
        on
            months.month_start = lines.month_start
            and company_sizes.company_size = lines.company_size
    left join orders_by_month as orders
        on
            months.month_start = orders.month_start
            and company_sizes.company_size = orders.company_size
)

select
    month_start,
    company_size,
    lines_due,
    on_time_lines,
    in_full_lines,
    otif_lines,
    early_lines,
    late_lines,
    undelivered_lines,
    orders_due,
    otif_orders,
    cast(units_due as decimal(18, 4)) as units_due,
    cast(units_delivered as decimal(18, 4)) as units_delivered,
    {{ ratio('on_time_lines', 'lines_due') }} as on_time_rate,
    {{ wilson_bound('on_time_lines', 'lines_due', 'low') }} as on_time_rate_low,
    {{ wilson_bound('on_time_lines', 'lines_due', 'high') }} as on_time_rate_high,
    {{ ratio('in_full_lines', 'lines_due') }} as in_full_rate,
    {{ wilson_bounds('in_full_lines', 'lines_due', 'in_full_rate') }},
    {{ ratio('otif_lines', 'lines_due') }} as otif_rate,
    {{ wilson_bound('otif_lines', 'lines_due', 'low') }} as otif_rate_low,
    {{ wilson_bound('otif_lines', 'lines_due', 'high') }} as otif_rate_high,
    {{ ratio('late_lines', 'lines_due') }} as late_rate,
    {{ wilson_bounds('late_lines', 'lines_due', 'late_rate') }},
    {{ ratio('otif_orders', 'orders_due') }} as order_otif_rate,
    {{ wilson_bounds('otif_orders', 'orders_due', 'order_otif_rate') }},
    {{ is_reportable('orders_due') }} as is_order_otif_rate_reportable,
    {{ ratio('units_delivered', 'units_due') }} as units_delivered_rate,
    {{ wilson_bounds('units_delivered', 'units_due', 'units_delivered_rate') }},
    late_days_median,
    late_days_p90,
    missing_days_median,
    missing_days_max,
    {{ is_reportable('lines_due') }} as is_reportable,
    is_complete_period
from month_counts
