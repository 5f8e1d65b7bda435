-- Grain: one row per order, valid or not: KPIs read is_valid only. Key: order_id. Additive. Clock: ordered_on, the
-- local day it was placed. Amounts are in the base currency at that day's rate, without tax; those ending in _txn in
-- the order's currency. Merchandise only, unless named.
with line_sums as (
    select
        order_id,
        count(*) filter (where is_merchandise) as lines,
        sum(quantity) filter (where is_merchandise) as units,
        sum(gross_amount) filter (where is_merchandise) as gross_amount,
        sum(discount_amount) filter (where is_merchandise) as discount_amount,
        sum(net_amount) filter (where is_merchandise) as net_amount,
        sum(net_amount_txn) filter (where is_merchandise) as net_amount_txn,
        sum(net_amount) as charged_amount
    from {{ ref('int_order_lines_priced') }}
    group by order_id
)

select
    orders.order_id,
    validated.account_id,
    account_periods.account_period_id,
    orders.contact_id,
    orders.rep_id,
    orders.quote_id,
    coalesce(orders.catalog_id, account_periods.catalog_id) as catalog_id,
    orders.visitor_id,
    attributed.session_id,
    coalesce(orders.order_channel, 'unknown') as order_channel,
    coalesce(orders.order_type, 'standard') as order_type,
    orders.status,
    orders.payment_method,
    orders.payment_terms_days,
    validated.exclusion_reason,
    converted.currency_code,
    coalesce(line_sums.lines, 0) as lines,
    cast(coalesce(line_sums.units, 0) as decimal(18, 4)) as units,
    cast(coalesce(line_sums.gross_amount, 0) as decimal(18, 4)) as gross_amount,
    cast(coalesce(line_sums.discount_amount, 0) as decimal(18, 4)) as discount_amount,
    cast(coalesce(line_sums.net_amount, 0) as decimal(18, 4)) as net_amount,
    cast(coalesce(line_sums.net_amount_txn, 0) as decimal(18, 4)) as net_amount_txn,
    cast(coalesce(line_sums.charged_amount, 0) as decimal(18, 4)) as charged_amount,
    cast(coalesce({{ product('orders.shipping_amount', 'converted.rate_to_base') }}, 0) as decimal(18, 4))
        as shipping_amount,
    cast(coalesce({{ product('orders.tax_amount', 'converted.rate_to_base') }}, 0) as decimal(18, 4)) as tax_amount,
    validated.is_valid,
    validated.is_guest,
    validated.is_cancelled_after_shipment,
    coalesce(validated.is_valid and order_days.order_day_number = 1, false) as is_first_order_day,
    validated.ordered_on,
    orders.ordered_at,
    orders.cancelled_at
from {{ ref('orders') }} as orders
inner join {{ ref('int_orders_validated') }} as validated
    on orders.order_id = validated.order_id
inner join {{ ref('int_orders_converted') }} as converted
    on orders.order_id = converted.order_id
left join line_sums
    on orders.order_id = line_sums.order_id
left join {{ ref('int_web_orders_attributed') }} as attributed
    on orders.order_id = attributed.order_id
left join {{ ref('int_account_order_days') }} as order_days
    on
        validated.account_id = order_days.account_id
        and validated.ordered_on = order_days.ordered_on
{{ join_account_period('validated.account_id', 'validated.ordered_on') }}
