-- Grain: one row per item of merchandise, sold or not; an item that no export names is `unknown`. Key: product_id.
-- Additive over items: amounts, units, lines; orders and accounts are distinct counts and are not. Clock: the twelve
-- months that end with as_of, sales by order day and returns by day of credit. The return rate is of the goods
-- shipped in the twelve months that end return_window_days before as_of: all of them have had their time to come
-- back.
with as_of as (
    select * from {{ ref('int_as_of') }}
),

products as (
    select
        product_id,
        sku,
        product_name,
        coalesce(category, 'unknown') as category,
        coalesce(supplier_id, 'unknown') as supplier_id,
        coalesce(status, 'unknown') as status
    from {{ ref('dim_product') }}
    where is_merchandise
    union all
    -- lines and credits that name no item
    select
        'unknown' as product_id,
        cast(null as varchar) as sku,
        'unknown' as product_name,
        'unknown' as category,
        'unknown' as supplier_id,
        'unknown' as status
    from {{ ref('int_sales_ledger') }}
    where product_id is null
    group by product_id
),

entries as (
    select
        entries.*,
        coalesce(entries.product_id, 'unknown') as product_key,
        as_of.as_of_on,
        {{ is_in_last_12_months('entries.booked_on') }} as is_in_12_months,
        entries.booked_on > {{ dbt.dateadd('day', -var('product_trend_days'), 'as_of.as_of_on') }} as is_in_trend,
        entries.booked_on > {{ dbt.dateadd('day', -2 * var('product_trend_days'), 'as_of.as_of_on') }}
        and entries.booked_on <= {{ dbt.dateadd('day', -var('product_trend_days'), 'as_of.as_of_on') }}
            as is_before_trend
    from {{ ref('int_sales_ledger') }} as entries
    cross join as_of
),

sales as (
    select
        product_key,
        count(*) filter (where entry_type = 'sale' and is_in_12_months) as lines,
        count(distinct order_id) filter (where entry_type = 'sale' and is_in_12_months) as orders,
        count(distinct account_id) filter (where entry_type = 'sale' and is_in_12_months) as accounts,
        {%- for measure in [
            'units', 'returned_units', 'gross_amount', 'discount_amount', 'sales_amount', 'returns_amount',
            'net_sales_amount', 'margin_base_amount', 'margin_amount'
        ] %}
        sum({{ measure }}) filter (where is_in_12_months) as {{ measure }},
        {%- endfor %}
        sum(net_sales_amount) filter (where is_in_trend) as recent_net_sales_amount,
        sum(net_sales_amount) filter (where is_before_trend) as previous_net_sales_amount,
        min(booked_on) filter (where entry_type = 'sale') as first_sold_on,
        max(booked_on) filter (where entry_type = 'sale') as last_sold_on
    from entries
    group by product_key
),

shipped as (
    select
        coalesce(lines.product_id, 'unknown') as product_key,
        count(*) as shipped_lines,
        sum(lines.shipped_units) as shipped_units,
        sum(lines.returned_units) as shipped_units_returned
    from {{ ref('int_shipped_lines') }} as lines
    cross join as_of
    where
        lines.is_return_window_over
        and lines.return_window_ends_on > {{ dbt.dateadd('month', -12, 'as_of.as_of_on') }}
    group by coalesce(lines.product_id, 'unknown')
),

reviews as (
    select
        reviews.product_id,
        count(*) as reviews,
        sum(reviews.score) as review_points
    from {{ ref('reviews') }} as reviews
    {{ join_account_and_as_of('reviews.account_id', 'reviews.contact_id') }}
    where {{ counts_on(local_date('reviews.reviewed_at')) }}
    group by reviews.product_id
),

complete_months as (
    select month_start
    from (
        select
            month_start,
            row_number() over (order by month_start desc) as months_back
        from {{ ref('int_months') }}
        where is_complete
    ) as numbered_months
    where months_back <= 12
),

units_by_month as (
    select
        product_key,
        month_start,
        sum(units) as units
    from entries
    group by product_key, month_start
),

-- demand begins with the first sale: before, the item was not to be had
demand as (
    select
        sales.product_key,
        count(*) as demand_months,
        {{ stable_mean('coalesce(units_by_month.units, 0)') }} as mean_units,
        sqrt({{ stable_variance('cast(coalesce(units_by_month.units, 0) as double)', places=8) }}) as units_deviation
    from sales
    inner join complete_months
        on {{ month_of('sales.first_sold_on') }} <= complete_months.month_start
    left join units_by_month
        on
            sales.product_key = units_by_month.product_key
            and complete_months.month_start = units_by_month.month_start
    group by sales.product_key
),

measured as (
    select
        products.*,
        coalesce(sales.lines, 0) as lines,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.accounts, 0) as accounts,
        {%- for measure in [
            'units', 'returned_units', 'gross_amount', 'discount_amount', 'sales_amount', 'returns_amount',
            'net_sales_amount', 'recent_net_sales_amount', 'previous_net_sales_amount'
        ] %}
        coalesce(sales.{{ measure }}, 0) as {{ measure }},
        {%- endfor %}
        sales.margin_base_amount,
        sales.margin_amount,
        case
            when sales.margin_base_amount > 0 then {{ ratio('sales.margin_amount', 'sales.margin_base_amount') }}
        end as margin_rate,
        coalesce(shipped.shipped_lines, 0) as shipped_lines,
        coalesce(shipped.shipped_units, 0) as shipped_units,
        coalesce(shipped.shipped_units_returned, 0) as shipped_units_returned,
        coalesce(reviews.reviews, 0) as reviews,
        cast(coalesce(reviews.review_points, 0) as bigint) as review_points,
        demand.demand_months,
        case
            when demand.demand_months >= {{ var('xyz_min_months') }}
                then {{ ratio('demand.units_deviation', 'demand.mean_units') }}
        end as demand_variation,
        sales.first_sold_on,
        sales.last_sold_on,
        {{ dbt.datediff('sales.last_sold_on', 'as_of.as_of_on', 'day') }} as days_since_last_sale,
        coalesce(
            as_of.data_starts_on <= {{ dbt.dateadd('day', 1 - 2 * var('product_trend_days'), 'as_of.as_of_on') }}, false
        ) as is_trend_complete
    from products
    cross join as_of
    left join sales on products.product_id = sales.product_key
    left join shipped on products.product_id = shipped.product_key
    left join reviews on products.product_id = reviews.product_id
    left join demand on products.product_id = demand.product_key
),

positive as (
    select
        product_id,
        sum(net_sales_amount) over (
            order by net_sales_amount desc, product_id asc
            rows between unbounded preceding and current row
        ) as cumulative_amount,
        sum(net_sales_amount) over () as total_amount
    from measured
    where net_sales_amount > 0
),

demand_ranks as (
    select
        product_id,
        row_number() over (order by orders desc, units desc, product_id asc) as demand_rank,
        count(*) over () as products
    from measured
    where
        orders > 0
        and product_id <> 'unknown'
),

margin_ranks as (
    select
        product_id,
        row_number() over (order by margin_rate desc, product_id asc) as margin_rank,
        count(*) over () as products
    from measured
    where
        margin_rate is not null
        and product_id <> 'unknown'
),

trended as (
    select
        *,
        case
            when is_trend_complete
                then
                    {{ ratio(
                        'recent_net_sales_amount - previous_net_sales_amount', 'abs(previous_net_sales_amount)'
                    ) }}
        end as trend_rate
    from measured
)

select
    products.product_id,
    products.sku,
    products.product_name,
    products.category,
    products.supplier_id,
    products.status,
    products.lines,
    products.orders,
    products.accounts,
    cast(products.units as decimal(18, 4)) as units,
    cast(products.returned_units as decimal(18, 4)) as returned_units,
    cast(products.gross_amount as decimal(18, 4)) as gross_amount,
    cast(products.discount_amount as decimal(18, 4)) as discount_amount,
    cast(products.sales_amount as decimal(18, 4)) as sales_amount,
    cast(products.returns_amount as decimal(18, 4)) as returns_amount,
    cast(products.net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(products.margin_base_amount as decimal(18, 4)) as margin_base_amount,
    cast(products.margin_amount as decimal(18, 4)) as margin_amount,
    {{ ratio('products.discount_amount', 'products.gross_amount') }} as discount_rate,
    products.margin_rate,
    case
        when products.net_sales_amount > 0
            then {{ ratio('products.margin_base_amount', 'products.net_sales_amount') }}
    end as cost_coverage_rate,
    products.shipped_lines,
    cast(products.shipped_units as decimal(18, 4)) as shipped_units,
    cast(products.shipped_units_returned as decimal(18, 4)) as shipped_units_returned,
    {{ ratio('products.shipped_units_returned', 'products.shipped_units') }} as return_rate,
    {{ wilson_bounds('products.shipped_units_returned', 'products.shipped_units', 'return_rate') }},
    products.reviews,
    products.review_points,
    {{ ratio('products.review_points', 'products.reviews') }} as review_score,
    case
        when positive.product_id is null then 'none'
        when
            positive.cumulative_amount
            <= cast({{ var('abc_limits')[0] }} as decimal(6, 4)) * cast(positive.total_amount as decimal(28, 4))
            then 'A'
        when
            positive.cumulative_amount
            <= cast({{ var('abc_limits')[1] }} as decimal(6, 4)) * cast(positive.total_amount as decimal(28, 4))
            then 'B'
        else 'C'
    end as abc_class,
    case
        when products.demand_variation is null then 'none'
        when products.demand_variation <= {{ var('xyz_limits')[0] }} then 'X'
        when products.demand_variation <= {{ var('xyz_limits')[1] }} then 'Y'
        else 'Z'
    end as xyz_class,
    coalesce(products.demand_months, 0) as demand_months,
    products.demand_variation,
    demand_ranks.demand_rank,
    coalesce(
        demand_ranks.demand_rank <= ceil({{ var('top_product_share') }} * demand_ranks.products), false
    ) as is_most_demanded,
    coalesce(
        margin_ranks.margin_rank <= ceil({{ var('top_product_share') }} * margin_ranks.products), false
    ) as is_high_margin,
    cast(products.recent_net_sales_amount as decimal(18, 4)) as recent_net_sales_amount,
    cast(products.previous_net_sales_amount as decimal(18, 4)) as previous_net_sales_amount,
    products.trend_rate,
    case
        when products.trend_rate >= {{ var('trend_threshold') }} then '↑'
        when products.trend_rate <= -{{ var('trend_threshold') }} then '↓'
        when products.trend_rate is not null then '→'
    end as trend,
    products.days_since_last_sale,
    {{ is_reportable('products.lines') }} as is_reportable,
    {{ is_reportable('products.shipped_lines') }} as is_return_rate_reportable,
    products.first_sold_on,
    products.last_sold_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from trended as products
left join positive on products.product_id = positive.product_id
left join demand_ranks on products.product_id = demand_ranks.product_id
left join margin_ranks on products.product_id = margin_ranks.product_id
