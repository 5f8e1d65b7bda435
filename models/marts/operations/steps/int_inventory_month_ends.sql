-- Grain: one row per calendar month and item that was ever counted in stock. Key: month_start, product_id. Sold units
-- and cost are additive; stock is additive over items, not over months. Clock: the month's end, as_of in the last
-- month; sales on ordered_on, returns on returned_on. The stock of a month is the last count of each item and place
-- in it; an item not counted in a month in which others were has none, and a month without any count has no stock at
-- all. Cost of goods sold is that of what was ordered less what was taken back, as in kpi_margin; items never counted
-- (services) have no stock to turn over and are left out.
with months as (
    select
        months.month_start,
        months.is_complete,
        least(months.month_end, as_of.as_of_on) as stated_on
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

snapshots as (
    select
        product_id,
        location,
        {{ month_of('snapshot_on') }} as month_start,
        snapshot_on,
        quantity,
        value_amount
    from {{ ref('fct_inventory_snapshots') }}
    where is_valid
),

last_counts as (
    select
        product_id,
        location,
        month_start,
        max(snapshot_on) as snapshot_on
    from snapshots
    group by product_id, location, month_start
),

stock as (
    select
        snapshots.product_id,
        snapshots.month_start,
        sum(snapshots.quantity) as stock_units,
        sum(snapshots.value_amount) as stock_amount
    from snapshots
    inner join last_counts
        on
            snapshots.product_id = last_counts.product_id
            and snapshots.location = last_counts.location
            and snapshots.month_start = last_counts.month_start
            and snapshots.snapshot_on = last_counts.snapshot_on
    group by snapshots.product_id, snapshots.month_start
),

counted_months as (
    select
        month_start,
        max(snapshot_on) as counted_on
    from snapshots
    group by month_start
),

items as (
    select
        product_id,
        min(snapshot_on) as first_counted_on
    from snapshots
    group by product_id
),

sales as (
    select
        product_id,
        {{ month_of('ordered_on') }} as month_start,
        sum(quantity) as units,
        sum(quantity) filter (where cost_amount is null) as uncosted_units,
        sum(cost_amount) as cost_amount,
        max(ordered_on) filter (where quantity > 0) as last_sold_on
    from {{ ref('fct_order_lines') }}
    where is_valid
    group by product_id, {{ month_of('ordered_on') }}
),

returned as (
    select
        product_id,
        {{ month_of('returned_on') }} as month_start,
        sum(quantity) as units,
        sum(cost_amount) as cost_amount
    from {{ ref('fct_returns') }}
    where is_valid
    group by product_id, {{ month_of('returned_on') }}
),

item_months as (
    select
        months.month_start,
        months.stated_on,
        months.is_complete,
        items.product_id,
        items.first_counted_on,
        counted_months.counted_on,
        case when counted_months.counted_on is not null then coalesce(stock.stock_units, 0) end as stock_units,
        case when counted_months.counted_on is not null then coalesce(stock.stock_amount, 0) end as stock_amount,
        coalesce(sales.units, 0) - coalesce(returned.units, 0) as sold_units,
        coalesce(sales.uncosted_units, 0) as uncosted_units,
        coalesce(sales.cost_amount, 0) - coalesce(returned.cost_amount, 0) as cost_amount,
        max(sales.last_sold_on) over (
            partition by items.product_id
            order by months.month_start
            rows between unbounded preceding and current row
        ) as last_sold_on
    from months
    cross join items
    left join counted_months
        on months.month_start = counted_months.month_start
    left join stock
        on
            months.month_start = stock.month_start
            and items.product_id = stock.product_id
    left join sales
        on
            months.month_start = sales.month_start
            and items.product_id = sales.product_id
    left join returned
        on
            months.month_start = returned.month_start
            and items.product_id = returned.product_id
),

item_windows as (
    select
        *,
        sum(cost_amount) over (
            partition by product_id order by month_start
            rows between 2 preceding and current row
        ) as cost_3m_amount,
        sum(sold_units) over (
            partition by product_id order by month_start
            rows between 2 preceding and current row
        ) as sold_3m_units,
        sum(cost_amount) over (
            partition by product_id order by month_start
            rows between 11 preceding and current row
        ) as cost_12m_amount,
        sum(sold_units) over (
            partition by product_id order by month_start
            rows between 11 preceding and current row
        ) as sold_12m_units,
        sum(uncosted_units) over (
            partition by product_id order by month_start
            rows between 11 preceding and current row
        ) as uncosted_12m_units,
        sum(stock_amount) over (
            partition by product_id order by month_start
            rows between 12 preceding and current row
        ) as stock_13_amount,
        count(stock_amount) over (
            partition by product_id order by month_start
            rows between 12 preceding and current row
        ) as counts_13,
        -- first day of the three months, for their length
        min(month_start) over (
            partition by product_id order by month_start
            rows between 2 preceding and current row
        ) as first_month_of_3,
        count(*) over (
            partition by product_id order by month_start
            rows between 2 preceding and current row
        ) as months_of_3,
        case
            when last_sold_on > first_counted_on then last_sold_on
            else first_counted_on
        end as idle_since
    from item_months
)

select
    month_start,
    product_id,
    cast(stock_units as decimal(18, 4)) as stock_units,
    cast(stock_amount as decimal(18, 4)) as stock_amount,
    cast(sold_units as decimal(18, 4)) as sold_units,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    cast(sold_3m_units as decimal(18, 4)) as sold_3m_units,
    cast(cost_3m_amount as decimal(18, 4)) as cost_3m_amount,
    case
        when months_of_3 = 3 then ({{ dbt.datediff('first_month_of_3', 'stated_on', 'day') }} + 1) / cast(7 as double)
    end as weeks_of_3m,
    cast(sold_12m_units as decimal(18, 4)) as sold_12m_units,
    cast(cost_12m_amount as decimal(18, 4)) as cost_12m_amount,
    cast(uncosted_12m_units as decimal(18, 4)) as uncosted_12m_units,
    -- the mean of thirteen month ends covers twelve months; fewer would be another period than that of the cost
    case
        when counts_13 = 13 then cast(cast(stock_13_amount as double) / 13 as decimal(18, 4))
    end as average_stock_amount,
    {{ dbt.datediff('idle_since', 'stated_on', 'day') }} as idle_days,
    coalesce(
        stock_units > 0
        and {{ dbt.datediff('idle_since', 'stated_on', 'day') }} > {{ var('dead_stock_days') }},
        false
    ) as is_dead_stock,
    coalesce(stock_units = 0 and sold_3m_units > 0, false) as is_out_of_stock,
    is_complete,
    stated_on,
    counted_on,
    first_counted_on,
    last_sold_on
from item_windows
