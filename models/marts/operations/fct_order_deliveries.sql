-- Grain: one row per order that counts and has goods to deliver. Key: order_id. Additive, hours excepted. Clock:
-- ordered_on; what happened to it is as it stood at as_of. Hours run from the order until the first goods left, until
-- the last ones of a complete shipment left, and until a complete delivery had arrived. Rules:
-- int_order_lines_fulfilled.
with orders as (
    select
        order_id,
        account_id,
        account_period_id,
        ordered_on,
        min(ordered_at) as ordered_at,
        min(first_shipped_at) as first_shipped_at,
        min(first_shipped_on) as first_shipped_on,
        max(last_shipped_at) as last_shipped_at,
        max(last_delivered_at) as last_delivered_at,
        bool_and(shipped_quantity >= ordered_quantity) as is_shipped_in_full,
        bool_and(delivered_quantity >= ordered_quantity) as is_delivered_in_full,
        bool_or(is_open) as is_open,
        bool_or(is_order_started) as is_started,
        count(*) as order_lines,
        count(*) filter (where promised_on is null) as unpromised_lines,
        count(*) filter (where is_order_started) as started_lines,
        count(*) filter (where is_order_started and first_shipped_quantity < ordered_quantity) as backordered_lines,
        sum(ordered_quantity) filter (where is_order_started) as started_units,
        sum(first_shipped_quantity) as first_shipped_units,
        sum(ordered_quantity - shipped_quantity) filter (where is_open) as open_units
    from {{ ref('int_order_lines_fulfilled') }}
    group by order_id, account_id, account_period_id, ordered_on
)

select
    order_id,
    account_id,
    account_period_id,
    order_lines,
    unpromised_lines,
    started_lines,
    backordered_lines,
    cast(started_units as decimal(18, 4)) as started_units,
    cast(first_shipped_units as decimal(18, 4)) as first_shipped_units,
    cast(open_units as decimal(18, 4)) as open_units,
    {{ hours_between('ordered_at', 'first_shipped_at') }} as order_to_ship_hours,
    case
        when is_shipped_in_full then {{ hours_between('ordered_at', 'last_shipped_at') }}
    end as order_to_complete_hours,
    case
        when is_delivered_in_full then {{ hours_between('ordered_at', 'last_delivered_at') }}
    end as order_to_deliver_hours,
    is_open,
    is_started,
    is_shipped_in_full,
    is_delivered_in_full,
    ordered_on,
    first_shipped_on
from orders
