-- Grain: one row per order line that counts, and per return that counts. Key: entry_id. Additive. Clock: booked_on,
-- the day of the order or of the credit: net sales by any dimension are the sum of net_sales_amount. A return belongs
-- to the catalog, channel, rep and account period of its order; one that names no order to those of its account on
-- its day. The margin_ columns are of lines with a known cost alone, and empty for the others.
with returned as (
    select
        returned.return_id,
        returned.order_id,
        returned.order_line_id,
        returned.account_id,
        returned.product_id,
        returned.quantity,
        returned.refund_amount,
        returned.cost_amount,
        returned.returned_on,
        account_periods.account_period_id,
        account_periods.catalog_id
    from {{ ref('fct_returns') }} as returned
    {{ join_account_period('returned.account_id', 'returned.returned_on') }}
    where returned.is_valid
),

entries as (
    select
        order_line_id as entry_id,
        'sale' as entry_type,
        order_id,
        order_line_id,
        account_id,
        account_period_id,
        product_id,
        rep_id,
        catalog_id,
        order_channel,
        quantity as units,
        0 as returned_units,
        gross_amount,
        discount_amount,
        net_amount as sales_amount,
        0 as returns_amount,
        net_amount as net_sales_amount,
        cost_amount as margin_cost_amount,
        ordered_on as booked_on
    from {{ ref('fct_order_lines') }}
    where is_valid

    union all

    select
        returned.return_id as entry_id,
        'return' as entry_type,
        returned.order_id,
        returned.order_line_id,
        returned.account_id,
        coalesce(orders.account_period_id, returned.account_period_id) as account_period_id,
        returned.product_id,
        orders.rep_id,
        coalesce(orders.catalog_id, returned.catalog_id) as catalog_id,
        coalesce(orders.order_channel, 'unknown') as order_channel,
        0 as units,
        coalesce(returned.quantity, 0) as returned_units,
        0 as gross_amount,
        0 as discount_amount,
        0 as sales_amount,
        returned.refund_amount as returns_amount,
        -returned.refund_amount as net_sales_amount,
        -returned.cost_amount as margin_cost_amount,
        returned.returned_on as booked_on
    from returned
    left join {{ ref('fct_orders') }} as orders
        on returned.order_id = orders.order_id
)

select
    entry_type || ':' || entry_id as entry_id,
    entry_type,
    order_id,
    order_line_id,
    account_id,
    account_period_id,
    product_id,
    rep_id,
    catalog_id,
    order_channel,
    cast(units as decimal(18, 4)) as units,
    cast(returned_units as decimal(18, 4)) as returned_units,
    cast(gross_amount as decimal(18, 4)) as gross_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(sales_amount as decimal(18, 4)) as sales_amount,
    cast(returns_amount as decimal(18, 4)) as returns_amount,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(case when margin_cost_amount is not null then net_sales_amount end as decimal(18, 4)) as margin_base_amount,
    cast(net_sales_amount - margin_cost_amount as decimal(18, 4)) as margin_amount,
    {{ month_of('booked_on') }} as month_start,
    booked_on
from entries
