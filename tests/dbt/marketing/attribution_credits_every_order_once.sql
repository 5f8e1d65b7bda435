-- In every model the credits of an order add up to 1, and their net sales to the order's; no valid order is missing.
with credits as (
    select
        order_id,
        attribution_model,
        sum(credit) as credit,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('kpi_attribution') }}
    group by order_id, attribution_model
),

attribution_models as (
    select attribution_model
    from {{ ref('kpi_attribution') }}
    group by attribution_model
),

orders_and_models as (
    select
        order_margins.order_id,
        order_margins.net_sales_amount,
        attribution_models.attribution_model
    from {{ ref('int_order_margins') }} as order_margins
    cross join attribution_models
)

select
    orders_and_models.order_id,
    orders_and_models.attribution_model,
    credits.credit,
    credits.net_sales_amount
from orders_and_models
left join credits
    on
        orders_and_models.order_id = credits.order_id
        and orders_and_models.attribution_model = credits.attribution_model
where
    (
        abs(credits.credit - 1) < 0.000001
        and abs(credits.net_sales_amount - orders_and_models.net_sales_amount) < 0.01
    ) is distinct from true
