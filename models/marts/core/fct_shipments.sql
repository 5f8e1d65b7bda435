-- Grain: one row per order line and shipment. Key: shipment_line_id. Additive. Clocks: shipped_on, delivered_on
-- (empty while on the way). Shipments of orders that do not count are included and flagged.
select
    shipments.shipment_line_id,
    shipments.order_line_id,
    order_lines.order_id,
    orders.account_id,
    orders.account_period_id,
    order_lines.product_id,
    shipments.consignment_id,
    shipments.carrier,
    shipments.quantity,
    orders.is_valid
    and {{ local_date('shipments.shipped_at') }} <= as_of.as_of_on as is_valid,
    orders.ordered_on,
    order_lines.promised_on,
    {{ local_date('shipments.shipped_at') }} as shipped_on,
    {{ local_date('shipments.delivered_at') }} as delivered_on,
    shipments.shipped_at,
    shipments.delivered_at
from {{ ref('shipments') }} as shipments
inner join {{ ref('order_lines') }} as order_lines
    on shipments.order_line_id = order_lines.order_line_id
inner join {{ ref('fct_orders') }} as orders
    on order_lines.order_id = orders.order_id
cross join {{ ref('int_as_of') }} as as_of
