-- Grain: one row per order line that counts and has goods to deliver. Key: order_line_id. Additive. Clocks:
-- promised_on, ordered_on. Everything is as it stood at as_of. OTIF is judged by line against the day first promised,
-- without tolerance in quantity; what comes too early is not on time. What was never sent is missing in full, not
-- late. An order cancelled after shipment stays, but a line that was cancelled by its promised day and had not come
-- in full is not due any more; one that was overdue when it was cancelled stays due.
with lines as (
    select
        order_lines.order_line_id,
        order_lines.order_id,
        order_lines.account_id,
        order_lines.account_period_id,
        order_lines.product_id,
        order_lines.order_channel,
        order_lines.quantity,
        order_lines.ordered_on,
        order_lines.ordered_at,
        -- a promise for a day before the order is a typing error
        case when order_lines.promised_on >= order_lines.ordered_on then order_lines.promised_on end as promised_on,
        case
            -- a cancellation that nobody dated followed whatever was shipped or paid
            when orders.is_cancelled_after_shipment
                then coalesce(
                        {{ local_date('orders.cancelled_at') }},
                        {{ local_date('progressed.last_shipped_at') }},
                        progressed.first_paid_on
                    )
        end as cancelled_on,
        as_of.as_of_on
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('fct_orders') }} as orders
        on order_lines.order_id = orders.order_id
    left join {{ ref('int_orders_progressed') }} as progressed
        on order_lines.order_id = progressed.order_id
    cross join {{ ref('int_as_of') }} as as_of
    where
        order_lines.is_valid
        and order_lines.quantity > 0
        and order_lines.product_type not in ('{{ var("product_types_not_delivered") | join("', '") }}')
),

shipments as (
    select
        shipments.order_line_id,
        lines.order_id,
        shipments.quantity,
        lines.quantity as ordered_quantity,
        shipments.shipped_on,
        shipments.shipped_at,
        case when shipments.delivered_on <= lines.as_of_on then shipments.delivered_on end as delivered_on,
        case when shipments.delivered_on <= lines.as_of_on then shipments.delivered_at end as delivered_at
    from {{ ref('fct_shipments') }} as shipments
    inner join lines
        on shipments.order_line_id = lines.order_line_id
    where
        shipments.is_valid
        and shipments.quantity > 0
),

order_starts as (
    select
        order_id,
        min(shipped_on) as started_on
    from shipments
    group by order_id
),

shipped_lines as (
    select
        shipments.order_line_id,
        sum(shipments.quantity) as shipped_quantity,
        sum(shipments.quantity) filter (where shipments.delivered_on is not null) as delivered_quantity,
        sum(shipments.quantity) filter (where shipments.shipped_on = order_starts.started_on)
            as first_shipped_quantity,
        min(shipments.shipped_at) as first_shipped_at,
        max(shipments.shipped_at) as last_shipped_at,
        max(shipments.delivered_at) as last_delivered_at,
        min(shipments.shipped_on) as first_shipped_on,
        min(shipments.delivered_on) as first_delivered_on,
        max(shipments.delivered_on) as last_delivered_on
    from shipments
    inner join order_starts
        on shipments.order_id = order_starts.order_id
    group by shipments.order_line_id
),

delivery_days as (
    select
        order_line_id,
        delivered_on,
        ordered_quantity,
        sum(quantity) as quantity
    from shipments
    where delivered_on is not null
    group by order_line_id, delivered_on, ordered_quantity
),

deliveries_running as (
    select
        *,
        sum(quantity) over (
            partition by order_line_id
            order by delivered_on
            rows between unbounded preceding and current row
        ) as delivered_so_far
    from delivery_days
),

completions as (
    select
        order_line_id,
        min(delivered_on) as completed_on
    from deliveries_running
    where delivered_so_far >= ordered_quantity
    group by order_line_id
),

lines_with_progress as (
    select
        lines.order_line_id,
        lines.order_id,
        lines.account_id,
        lines.account_period_id,
        lines.product_id,
        lines.order_channel,
        lines.quantity as ordered_quantity,
        coalesce(shipped_lines.shipped_quantity, 0) as shipped_quantity,
        coalesce(shipped_lines.delivered_quantity, 0) as delivered_quantity,
        least(coalesce(shipped_lines.first_shipped_quantity, 0), lines.quantity) as first_shipped_quantity,
        order_starts.started_on is not null as is_order_started,
        lines.ordered_on,
        lines.promised_on,
        shipped_lines.first_shipped_on,
        shipped_lines.first_delivered_on,
        shipped_lines.last_delivered_on,
        completions.completed_on,
        case when lines.cancelled_on <= lines.as_of_on then lines.cancelled_on end as cancelled_on,
        lines.ordered_at,
        shipped_lines.first_shipped_at,
        shipped_lines.last_shipped_at,
        shipped_lines.last_delivered_at,
        lines.as_of_on
    from lines
    left join order_starts
        on lines.order_id = order_starts.order_id
    left join shipped_lines
        on lines.order_line_id = shipped_lines.order_line_id
    left join completions
        on lines.order_line_id = completions.order_line_id
),

lines_judged as (
    select
        *,
        coalesce(promised_on <= as_of_on, false)
        and not coalesce(
            cancelled_on <= promised_on and (completed_on is null or completed_on > cancelled_on), false
        ) as is_due,
        {% if var('early_delivery_days') is none -%}
        false as is_early,
        {%- else -%}
        coalesce(
            first_delivered_on < {{ dbt.dateadd('day', -var('early_delivery_days'), 'promised_on') }}, false
        ) as is_early,
        {%- endif %}
        completed_on is not null as is_in_full,
        coalesce(
            case
                when completed_on is not null then completed_on <= promised_on
                else last_delivered_on <= promised_on and shipped_quantity = delivered_quantity
            end,
            false
        ) as is_in_time
    from lines_with_progress
)

select
    order_line_id,
    order_id,
    account_id,
    account_period_id,
    product_id,
    order_channel,
    cast(ordered_quantity as decimal(18, 4)) as ordered_quantity,
    cast(shipped_quantity as decimal(18, 4)) as shipped_quantity,
    cast(delivered_quantity as decimal(18, 4)) as delivered_quantity,
    cast(first_shipped_quantity as decimal(18, 4)) as first_shipped_quantity,
    case
        when is_due and coalesce(completed_on, cancelled_on, as_of_on) > promised_on
            then {{ dbt.datediff('promised_on', 'coalesce(completed_on, cancelled_on, as_of_on)', 'day') }}
    end as late_days,
    is_order_started,
    cancelled_on is null and shipped_quantity < ordered_quantity as is_open,
    is_due,
    is_due and is_early as is_early,
    is_due and is_in_time and not is_early as is_on_time,
    is_due and is_in_full as is_in_full,
    is_due and is_in_time and not is_early and is_in_full as is_otif,
    ordered_on,
    promised_on,
    first_shipped_on,
    first_delivered_on,
    last_delivered_on,
    completed_on,
    cancelled_on,
    ordered_at,
    first_shipped_at,
    last_shipped_at,
    last_delivered_at
from lines_judged
