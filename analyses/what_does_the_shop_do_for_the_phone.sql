-- How many orders by phone, e-mail and rep were prepared in the shop? Orders whose account looked at items, prices,
-- carts or quotes within the 30 days before, over the last twelve complete months. Influenced is not caused: who
-- orders anyway also looks.
select
    order_channel,
    sum(offline_orders) as orders,
    sum(influenced_orders) as influenced_orders,
    round(100.0 * sum(influenced_orders) / nullif(sum(offline_orders), 0), 1) as influenced_percent,
    round(sum(influenced_sales_amount), 2) as influenced_sales_amount
from {{ ref('kpi_digital_influence') }}
where
    is_complete_period
    and month_start > (
        select max(months.month_start) - interval 12 month
        from {{ ref('kpi_digital_influence') }} as months
        where months.is_complete_period
    )
group by order_channel
order by orders desc, order_channel asc
