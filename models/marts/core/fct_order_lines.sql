-- Grain: one row per order line, of valid and other orders. Key: order_line_id. Additive. Clock: ordered_on. A line
-- is a sale (is_valid) when its order is valid and its item is merchandise. Amounts as in fct_orders.
select
    lines.order_line_id,
    lines.order_id,
    orders.account_id,
    orders.account_period_id,
    lines.product_id,
    orders.rep_id,
    orders.catalog_id,
    lines.product_type,
    orders.order_channel,
    orders.exclusion_reason,
    orders.currency_code,
    lines.quantity,
    lines.unit_price as unit_price_txn,
    lines.gross_amount,
    lines.agreed_amount,
    lines.discount_amount,
    lines.net_amount,
    lines.net_amount_txn,
    lines.cost_amount,
    lines.is_merchandise,
    orders.is_valid and lines.is_merchandise as is_valid,
    orders.ordered_on,
    lines.promised_on,
    orders.ordered_at
from {{ ref('int_order_lines_priced') }} as lines
inner join {{ ref('fct_orders') }} as orders
    on lines.order_id = orders.order_id
