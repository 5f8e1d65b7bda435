-- Grain: one row per month and catalog, zero-filled. Key: month_start, catalog_id. Additive over catalogs and months:
-- the amounts, orders and units; accounts and products are distinct counts and are not. Clock: sales and cost by
-- order day, returns by day of credit. An account belongs to the catalog it had at the time of the order. Assigned is
-- who had the catalog on a day of the month, up to as_of; priced is what had a price in it on such a day.
with months as (
    select
        months.*,
        least(months.month_end, as_of.as_of_on) as last_day
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

entries as (
    select
        *,
        coalesce(catalog_id, 'unknown') as catalog_key
    from {{ ref('int_sales_ledger') }}
),

catalogs as (
    select
        catalog_id,
        catalog_name,
        coalesce(target_group, 'unknown') as target_group
    from {{ ref('dim_catalog') }}
    union all
    -- sales to buyers without a catalog, such as guests
    select
        catalog_key as catalog_id,
        'unknown' as catalog_name,
        'unknown' as target_group
    from entries
    where catalog_id is null
    group by catalog_key
),

sales as (
    select
        month_start,
        catalog_key,
        count(distinct order_id) filter (where entry_type = 'sale') as orders,
        count(distinct account_id) filter (where entry_type = 'sale') as active_accounts,
        sum(units) as units,
        sum(returned_units) as returned_units,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(sales_amount) as sales_amount,
        sum(returns_amount) as returns_amount,
        sum(net_sales_amount) as net_sales_amount,
        sum(margin_base_amount) as margin_base_amount,
        sum(margin_amount) as margin_amount
    from entries
    group by month_start, catalog_key
),

month_sales as (
    select
        month_start,
        sum(net_sales_amount) as net_sales_amount
    from entries
    group by month_start
),

active as (
    select
        month_start,
        catalog_key,
        account_id
    from entries
    where entry_type = 'sale'
    group by month_start, catalog_key, account_id
),

assigned as (
    select
        months.month_start,
        periods.catalog_id,
        periods.account_id
    from {{ ref('dim_account_history') }} as periods
    inner join {{ ref('dim_account') }} as accounts
        on periods.account_id = accounts.account_id
    inner join months
        on
            periods.valid_from <= months.last_day
            and periods.valid_until > months.month_start
    where
        not accounts.is_test
        and periods.catalog_id is not null
    group by months.month_start, periods.catalog_id, periods.account_id
),

assigned_counts as (
    select
        assigned.month_start,
        assigned.catalog_id,
        count(*) as assigned_accounts,
        count(active.account_id) as active_assigned_accounts
    from assigned
    left join active
        on
            assigned.month_start = active.month_start
            and assigned.catalog_id = active.catalog_key
            and assigned.account_id = active.account_id
    group by assigned.month_start, assigned.catalog_id
),

sold_products as (
    select
        month_start,
        catalog_key,
        product_id
    from entries
    where
        entry_type = 'sale'
        and product_id is not null
    group by month_start, catalog_key, product_id
),

priced_products as (
    select
        months.month_start,
        prices.catalog_id,
        prices.product_id
    from {{ ref('catalog_prices') }} as prices
    inner join {{ ref('dim_product') }} as products
        on prices.product_id = products.product_id
    inner join months
        on
            prices.valid_from <= months.last_day
            and coalesce(prices.valid_to, {{ end_of_time() }}) >= months.month_start
    where products.is_merchandise
    group by months.month_start, prices.catalog_id, prices.product_id
),

priced_counts as (
    select
        priced_products.month_start,
        priced_products.catalog_id,
        count(*) as priced_products,
        count(sold_products.product_id) as priced_products_sold
    from priced_products
    left join sold_products
        on
            priced_products.month_start = sold_products.month_start
            and priced_products.catalog_id = sold_products.catalog_key
            and priced_products.product_id = sold_products.product_id
    group by priced_products.month_start, priced_products.catalog_id
),

catalog_months as (
    select
        months.month_start,
        months.is_complete as is_complete_period,
        catalogs.catalog_id,
        catalogs.catalog_name,
        catalogs.target_group,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.active_accounts, 0) as active_accounts,
        coalesce(assigned_counts.active_assigned_accounts, 0) as active_assigned_accounts,
        coalesce(assigned_counts.assigned_accounts, 0) as assigned_accounts,
        coalesce(priced_counts.priced_products_sold, 0) as priced_products_sold,
        coalesce(priced_counts.priced_products, 0) as priced_products,
        coalesce(sales.units, 0) as units,
        coalesce(sales.returned_units, 0) as returned_units,
        coalesce(sales.gross_amount, 0) as gross_amount,
        coalesce(sales.discount_amount, 0) as discount_amount,
        coalesce(sales.sales_amount, 0) as sales_amount,
        coalesce(sales.returns_amount, 0) as returns_amount,
        coalesce(sales.net_sales_amount, 0) as net_sales_amount,
        coalesce(month_sales.net_sales_amount, 0) as month_net_sales_amount,
        sales.margin_base_amount,
        sales.margin_amount
    from months
    cross join catalogs
    left join sales
        on
            months.month_start = sales.month_start
            and catalogs.catalog_id = sales.catalog_key
    left join month_sales
        on months.month_start = month_sales.month_start
    left join assigned_counts
        on
            months.month_start = assigned_counts.month_start
            and catalogs.catalog_id = assigned_counts.catalog_id
    left join priced_counts
        on
            months.month_start = priced_counts.month_start
            and catalogs.catalog_id = priced_counts.catalog_id
)

select
    month_start,
    catalog_id,
    catalog_name,
    target_group,
    orders,
    active_accounts,
    active_assigned_accounts,
    assigned_accounts,
    priced_products_sold,
    priced_products,
    cast(units as decimal(18, 4)) as units,
    cast(returned_units as decimal(18, 4)) as returned_units,
    cast(gross_amount as decimal(18, 4)) as gross_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(sales_amount as decimal(18, 4)) as sales_amount,
    cast(returns_amount as decimal(18, 4)) as returns_amount,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(month_net_sales_amount as decimal(18, 4)) as month_net_sales_amount,
    cast(margin_base_amount as decimal(18, 4)) as margin_base_amount,
    cast(margin_amount as decimal(18, 4)) as margin_amount,
    {{ ratio('discount_amount', 'gross_amount') }} as discount_rate,
    {{ ratio('returns_amount', 'sales_amount') }} as returns_to_sales_rate,
    {{ ratio('net_sales_amount', 'month_net_sales_amount') }} as net_sales_share_rate,
    case when margin_base_amount > 0 then {{ ratio('margin_amount', 'margin_base_amount') }} end as margin_rate,
    case
        when net_sales_amount > 0 then {{ ratio('margin_base_amount', 'net_sales_amount') }}
    end as cost_coverage_rate,
    {{ ratio('priced_products_sold', 'priced_products') }} as sku_coverage_rate,
    {{ wilson_bounds('priced_products_sold', 'priced_products', 'sku_coverage_rate') }},
    {{ is_reportable('priced_products') }} as is_sku_coverage_rate_reportable,
    {{ ratio('active_assigned_accounts', 'assigned_accounts') }} as active_account_rate,
    {{ wilson_bounds('active_assigned_accounts', 'assigned_accounts', 'active_account_rate') }},
    {{ is_reportable('assigned_accounts') }} as is_reportable,
    is_complete_period
from catalog_months
