-- Grain: one row per month of order and company size, for every size with an order that was placed. Key: month_start,
-- company_size. Counts and units are additive; rates, medians and percentiles are not. Clock: ordered_on; what
-- happened to the orders is as it stood at as_of, so that young months still change. Empty for a company whose
-- shipments are not recorded. Orders still waiting have no hours: they are counted and aged beside. Only lines with
-- goods to deliver.
with shipping_is_recorded as (
    select count(*) > 0 as is_recorded
    from {{ ref('fct_shipments') }}
),

-- Working days before a day, to take differences of.
working_days as (
    select
        date_day,
        sum(case when is_weekend then 0 else 1 end) over (
            order by date_day
            rows between unbounded preceding and current row
        ) as working_day_number
    from {{ ref('dim_date') }}
),

placed_orders as (
    select
        orders.order_id,
        {{ month_of('orders.ordered_on') }} as month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        not orders.is_valid or orders.is_cancelled_after_shipment as is_cancelled
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    cross join shipping_is_recorded
    left join {{ ref('dim_account_history') }} as account_periods
        on orders.account_period_id = account_periods.account_period_id
    where
        shipping_is_recorded.is_recorded
        and (
            orders.is_valid
            -- an order cancelled in time would otherwise have counted
            or (
                orders.exclusion_reason = 'cancelled'
                and orders.order_type not in ('replacement', 'sample')
                {% if var('exclude_orders_without_buyer') -%}
                and orders.account_id is not null
                {% endif -%}
                and orders.charged_amount <> 0
                and orders.ordered_on <= as_of.as_of_on
            )
        )
),

orders as (
    select * from {{ ref('fct_order_deliveries') }}
),

orders_timed as (
    select
        placed_orders.month_start,
        placed_orders.company_size,
        placed_orders.is_cancelled,
        orders.order_id is not null as has_goods,
        coalesce(orders.is_started, false) as is_started,
        coalesce(orders.is_shipped_in_full, false) as is_shipped_in_full,
        coalesce(orders.is_delivered_in_full, false) as is_delivered_in_full,
        coalesce(orders.is_open and not orders.is_started, false) as is_waiting,
        orders.order_lines,
        orders.unpromised_lines,
        orders.started_lines,
        orders.backordered_lines,
        orders.started_units,
        orders.first_shipped_units,
        orders.open_units,
        orders.order_to_ship_hours,
        orders.order_to_complete_hours,
        orders.order_to_deliver_hours,
        ship_days.working_day_number - order_days.working_day_number as order_to_ship_working_days,
        case
            when orders.is_open and not orders.is_started
                then {{ dbt.datediff('orders.ordered_on', 'as_of.as_of_on', 'day') }}
        end as waiting_days
    from placed_orders
    cross join {{ ref('int_as_of') }} as as_of
    left join orders
        on placed_orders.order_id = orders.order_id
    left join working_days as order_days
        on orders.ordered_on = order_days.date_day
    left join working_days as ship_days
        on orders.first_shipped_on = ship_days.date_day
),

orders_by_month as (
    select
        month_start,
        company_size,
        count(*) as orders_placed,
        count(*) filter (where is_cancelled) as cancelled_orders,
        count(*) filter (where has_goods) as orders_to_ship,
        count(*) filter (where is_started) as shipped_orders,
        count(*) filter (where is_shipped_in_full) as completed_orders,
        count(*) filter (where is_delivered_in_full) as delivered_orders,
        count(*) filter (where is_waiting) as waiting_orders,
        count(*) filter (where has_goods and not is_started and not is_waiting) as dropped_orders,
        sum(order_lines) as order_lines,
        sum(unpromised_lines) as unpromised_lines,
        sum(started_lines) as started_lines,
        sum(backordered_lines) as backordered_lines,
        sum(started_units) as started_units,
        sum(first_shipped_units) as first_shipped_units,
        sum(open_units) as open_units,
        median(order_to_ship_hours) as order_to_ship_hours_median,
        percentile_cont(0.9) within group (order by order_to_ship_hours) as order_to_ship_hours_p90,
        median(cast(order_to_ship_working_days as double)) as order_to_ship_working_days_median,
        median(order_to_complete_hours) as order_to_complete_hours_median,
        percentile_cont(0.9) within group (order by order_to_complete_hours) as order_to_complete_hours_p90,
        median(order_to_deliver_hours) as order_to_deliver_hours_median,
        percentile_cont(0.9) within group (order by order_to_deliver_hours) as order_to_deliver_hours_p90,
        median(cast(waiting_days as double)) as waiting_days_median,
        cast(max(waiting_days) as double) as waiting_days_max
    from orders_timed
    group by month_start, company_size
),

company_sizes as (
    select company_size
    from orders_by_month
    group by company_size
)

select
    months.month_start,
    company_sizes.company_size,
    coalesce(orders.orders_placed, 0) as orders_placed,
    coalesce(orders.cancelled_orders, 0) as cancelled_orders,
    coalesce(orders.orders_to_ship, 0) as orders_to_ship,
    coalesce(orders.shipped_orders, 0) as shipped_orders,
    coalesce(orders.completed_orders, 0) as completed_orders,
    coalesce(orders.delivered_orders, 0) as delivered_orders,
    coalesce(orders.waiting_orders, 0) as waiting_orders,
    coalesce(orders.dropped_orders, 0) as dropped_orders,
    cast(coalesce(orders.order_lines, 0) as bigint) as order_lines,
    cast(coalesce(orders.unpromised_lines, 0) as bigint) as unpromised_lines,
    cast(coalesce(orders.started_lines, 0) as bigint) as started_lines,
    cast(coalesce(orders.backordered_lines, 0) as bigint) as backordered_lines,
    cast(coalesce(orders.started_units, 0) as decimal(18, 4)) as started_units,
    cast(coalesce(orders.first_shipped_units, 0) as decimal(18, 4)) as first_shipped_units,
    cast(coalesce(orders.open_units, 0) as decimal(18, 4)) as open_units,
    {{ ratio('orders.cancelled_orders', 'orders.orders_placed') }} as cancellation_rate,
    {{ wilson_bounds('orders.cancelled_orders', 'orders.orders_placed', 'cancellation_rate') }},
    {{ is_reportable('orders.orders_placed') }} as is_cancellation_rate_reportable,
    {{ ratio('orders.first_shipped_units', 'orders.started_units') }} as fill_rate,
    {{ wilson_bounds('orders.first_shipped_units', 'orders.started_units', 'fill_rate') }},
    {{ ratio('orders.backordered_lines', 'orders.started_lines') }} as backorder_rate,
    {{ wilson_bounds('orders.backordered_lines', 'orders.started_lines', 'backorder_rate') }},
    {{ is_reportable('orders.started_lines') }} as is_backorder_rate_reportable,
    orders.order_to_ship_hours_median,
    orders.order_to_ship_hours_p90,
    orders.order_to_ship_working_days_median,
    orders.order_to_complete_hours_median,
    orders.order_to_complete_hours_p90,
    orders.order_to_deliver_hours_median,
    orders.order_to_deliver_hours_p90,
    orders.waiting_days_median,
    orders.waiting_days_max,
    {{ is_reportable('orders.shipped_orders') }} as is_reportable,
    months.is_complete as is_complete_period
from {{ ref('int_months') }} as months
cross join company_sizes
left join orders_by_month as orders
    on
        months.month_start = orders.month_start
        and company_sizes.company_size = orders.company_size
