-- Grain: one row per calendar month and category of items that were ever counted in stock. Key: month_start,
-- category. Stock is additive over categories, not over months; the amounts of 12 months overlap and are not additive
-- over months either. Clock: the month's end, as_of in the last one. Stock is empty in a month without a count;
-- turnover needs 13 counted month ends in a row and a complete month. Rules: int_inventory_month_ends.
with category_months as (
    select
        stock.month_start,
        coalesce(products.category, 'unknown') as category,
        stock.is_complete,
        stock.weeks_of_3m,
        max(stock.counted_on) as counted_on,
        count(*) filter (where stock.stock_units > 0) as stocked_items,
        count(*) filter (where stock.is_out_of_stock) as out_of_stock_items,
        count(*) filter (where stock.is_dead_stock) as dead_stock_items,
        sum(stock.stock_units) as stock_units,
        sum(stock.stock_amount) as stock_amount,
        sum(stock.stock_amount) filter (where stock.is_dead_stock) as dead_stock_amount,
        sum(stock.cost_amount) as cost_amount,
        sum(stock.cost_3m_amount) as cost_3m_amount,
        sum(stock.cost_12m_amount) as cost_12m_amount,
        sum(stock.uncosted_12m_units) as uncosted_12m_units,
        sum(stock.average_stock_amount) as average_stock_amount
    from {{ ref('int_inventory_month_ends') }} as stock
    inner join {{ ref('dim_product') }} as products
        on stock.product_id = products.product_id
    group by stock.month_start, coalesce(products.category, 'unknown'), stock.is_complete, stock.weeks_of_3m
)

select
    month_start,
    category,
    case when counted_on is not null then stocked_items end as stocked_items,
    case when counted_on is not null then out_of_stock_items end as out_of_stock_items,
    case when counted_on is not null then dead_stock_items end as dead_stock_items,
    cast(stock_units as decimal(18, 4)) as stock_units,
    cast(stock_amount as decimal(18, 4)) as stock_amount,
    cast(case when counted_on is not null then coalesce(dead_stock_amount, 0) end as decimal(18, 4))
        as dead_stock_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    cast(cost_3m_amount as decimal(18, 4)) as cost_3m_amount,
    cast(cost_12m_amount as decimal(18, 4)) as cost_12m_amount,
    cast(uncosted_12m_units as decimal(18, 4)) as uncosted_12m_units,
    cast(average_stock_amount as decimal(18, 4)) as average_stock_amount,
    {{ ratio('coalesce(dead_stock_amount, 0)', 'stock_amount') }} as dead_stock_rate,
    case when is_complete then {{ ratio('cost_12m_amount', 'average_stock_amount') }} end as turnover,
    case when is_complete then 365 * {{ ratio('average_stock_amount', 'cost_12m_amount') }} end as on_hand_days,
    {{ ratio('stock_amount', 'cost_3m_amount') }} * weeks_of_3m as weeks_of_cover,
    weeks_of_3m,
    counted_on,
    is_complete as is_complete_period
from category_months
