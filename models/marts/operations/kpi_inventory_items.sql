-- Grain: one row per item that was ever counted in stock, at the last month with a count. Key: product_id. Units and
-- amounts are additive over items. Clock: counted_on for the stock, its month for the sums of 3 months; the end of the
-- last complete month with a count (turnover_month_start) for those of 12 months and turnover; days without sale run
-- to as_of. reason says what to look at; empty when there is nothing.
with last_counted_months as (
    select
        max(month_start) as month_start,
        max(month_start) filter (where is_complete) as complete_month_start
    from {{ ref('int_inventory_month_ends') }}
    where counted_on is not null
),

last_sales as (
    select
        product_id,
        max(ordered_on) as last_sold_on
    from {{ ref('fct_order_lines') }}
    where
        is_valid
        and quantity > 0
    group by product_id
),

items as (
    select
        stock.product_id,
        products.sku,
        products.product_name,
        coalesce(products.category, 'unknown') as category,
        coalesce(products.supplier_id, 'unknown') as supplier_id,
        stock.stock_units,
        stock.stock_amount,
        stock.sold_3m_units,
        years.sold_12m_units,
        years.cost_12m_amount,
        years.average_stock_amount,
        last_counted_months.complete_month_start as turnover_month_start,
        {{ ratio('stock.stock_units', 'stock.sold_3m_units') }} * stock.weeks_of_3m as weeks_of_cover,
        {{ dbt.datediff(
            'greatest(coalesce(last_sales.last_sold_on, stock.first_counted_on), stock.first_counted_on)',
            'as_of.as_of_on',
            'day'
        ) }} as idle_days,
        stock.is_out_of_stock,
        stock.counted_on,
        last_sales.last_sold_on
    from {{ ref('int_inventory_month_ends') }} as stock
    inner join last_counted_months
        on stock.month_start = last_counted_months.month_start
    left join {{ ref('int_inventory_month_ends') }} as years
        on
            stock.product_id = years.product_id
            and last_counted_months.complete_month_start = years.month_start
    inner join {{ ref('dim_product') }} as products
        on stock.product_id = products.product_id
    left join last_sales
        on stock.product_id = last_sales.product_id
    cross join {{ ref('int_as_of') }} as as_of
),

items_judged as (
    select
        *,
        stock_units > 0 and idle_days > {{ var('dead_stock_days') }} as is_dead_stock
    from items
)

select
    product_id,
    sku,
    product_name,
    category,
    supplier_id,
    stock_units,
    stock_amount,
    sold_3m_units,
    sold_12m_units,
    cost_12m_amount,
    average_stock_amount,
    {{ ratio('cost_12m_amount', 'average_stock_amount') }} as turnover,
    365 * {{ ratio('average_stock_amount', 'cost_12m_amount') }} as on_hand_days,
    weeks_of_cover,
    cast(idle_days as double) as idle_days,
    is_dead_stock,
    is_out_of_stock,
    case
        when is_dead_stock then 'no sale for more than {{ var("dead_stock_days") }} days'
        when is_out_of_stock then 'out of stock and in demand'
        when weeks_of_cover > {{ var('overstock_weeks') }} then 'stock for more than {{ var("overstock_weeks") }} weeks'
    end as reason,
    turnover_month_start,
    counted_on,
    last_sold_on
from items_judged
