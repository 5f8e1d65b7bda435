-- Grain: one row per customer and local day with a valid order or return. Key: account_id, active_on. Additive.
-- Clock: orders on the day they were placed, returns on the day they were credited. Sales of nobody (see
-- exclude_orders_without_buyer) are not here. Margin knows only what has a cost: a line or return without one is in
-- neither net_sales_with_cost_amount nor cost_amount.
with movements as (
    select
        account_id,
        ordered_on as active_on,
        1 as orders,
        net_amount as sales_amount,
        0 as refund_amount,
        0 as sales_with_cost_amount,
        0 as net_sales_with_cost_amount,
        0 as cost_amount
    from {{ ref('fct_orders') }}
    where is_valid and account_id is not null

    union all

    select
        account_id,
        ordered_on as active_on,
        0 as orders,
        0 as sales_amount,
        0 as refund_amount,
        net_amount as sales_with_cost_amount,
        net_amount as net_sales_with_cost_amount,
        cost_amount
    from {{ ref('fct_order_lines') }}
    where is_valid and account_id is not null and cost_amount is not null

    union all

    select
        account_id,
        returned_on as active_on,
        0 as orders,
        0 as sales_amount,
        refund_amount,
        0 as sales_with_cost_amount,
        case when cost_amount is not null then -refund_amount else 0 end as net_sales_with_cost_amount,
        -coalesce(cost_amount, 0) as cost_amount
    from {{ ref('fct_returns') }}
    where is_valid and account_id is not null
)

select
    account_id,
    active_on,
    cast(sum(orders) as bigint) as orders,
    sum(sales_amount) as sales_amount,
    sum(refund_amount) as refund_amount,
    sum(sales_amount) - sum(refund_amount) as net_sales_amount,
    sum(sales_with_cost_amount) as sales_with_cost_amount,
    sum(net_sales_with_cost_amount) as net_sales_with_cost_amount,
    sum(cost_amount) as cost_amount
from movements
group by account_id, active_on
