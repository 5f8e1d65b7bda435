-- Grain: one row per order line that counts and of which goods were shipped. Key: order_line_id. Additive. Clock:
-- shipped_on, the day the last goods left. Goods that come back by return_window_ends_on, return_window_days later,
-- are returned; until that day has passed it is not known how many will be.
with shipped as (
    select
        shipments.order_line_id,
        sum(shipments.quantity) as shipped_units,
        max(shipments.shipped_on) as shipped_on
    from {{ ref('fct_shipments') }} as shipments
    where
        shipments.is_valid
        and shipments.quantity > 0
    group by shipments.order_line_id
),

lines as (
    select
        shipped.order_line_id,
        lines.product_id,
        shipped.shipped_units,
        shipped.shipped_on,
        cast({{ dbt.dateadd('day', var('return_window_days'), 'shipped.shipped_on') }} as date)
            as return_window_ends_on
    from shipped
    inner join {{ ref('fct_order_lines') }} as lines
        on shipped.order_line_id = lines.order_line_id
    where lines.is_valid
),

returned as (
    select
        lines.order_line_id,
        sum(returned.quantity) as returned_units
    from lines
    inner join {{ ref('fct_returns') }} as returned
        on
            lines.order_line_id = returned.order_line_id
            and lines.return_window_ends_on >= returned.returned_on
    where returned.is_valid
    group by lines.order_line_id
)

select
    lines.order_line_id,
    lines.product_id,
    cast(lines.shipped_units as decimal(18, 4)) as shipped_units,
    cast(coalesce(returned.returned_units, 0) as decimal(18, 4)) as returned_units,
    lines.return_window_ends_on <= as_of.as_of_on as is_return_window_over,
    lines.shipped_on,
    lines.return_window_ends_on
from lines
cross join {{ ref('int_as_of') }} as as_of
left join returned
    on lines.order_line_id = returned.order_line_id
