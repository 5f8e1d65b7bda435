-- Grain: one row per month, dimension and member of it that occurs at all, zero-filled. Key: month_start, dimension,
-- member. Net sales and returns are additive over the members of one dimension, never over dimensions: each holds all
-- of the month. Orders are additive but by category, as an order may hold several. Clock: order day; day of credit
-- for returns. Members are those at the time of the order; the team is that of the rep who owned the account.
with entries as (
    select
        entries.month_start,
        entries.entry_type,
        entries.order_id,
        entries.sales_amount,
        entries.returns_amount,
        entries.net_sales_amount,
        coalesce(periods.company_size, 'unknown') as company_size,
        coalesce(periods.industry, 'unknown') as industry,
        coalesce(products.category, 'unknown') as category,
        entries.order_channel,
        coalesce(accounts.country_code, 'unknown') as country,
        coalesce(catalogs.catalog_name, 'unknown') as catalog_name,
        coalesce(reps.team, 'unknown') as rep_team
    from {{ ref('int_sales_ledger') }} as entries
    left join {{ ref('dim_account_history') }} as periods
        on entries.account_period_id = periods.account_period_id
    left join {{ ref('dim_account') }} as accounts
        on entries.account_id = accounts.account_id
    left join {{ ref('dim_product') }} as products
        on entries.product_id = products.product_id
    left join {{ ref('dim_catalog') }} as catalogs
        on entries.catalog_id = catalogs.catalog_id
    left join {{ ref('dim_sales_rep') }} as reps
        on periods.owner_rep_id = reps.rep_id
),

{% set dimensions = {
    'company_size': 'company_size', 'industry': 'industry', 'category': 'category', 'order_channel': 'order_channel',
    'country': 'country', 'catalog': 'catalog_name', 'rep_team': 'rep_team'
} %}
sales as (
    {% for dimension, column in dimensions.items() -%}
    select
        month_start,
        '{{ dimension }}' as dimension,
        {{ column }} as member,
        count(distinct order_id) filter (where entry_type = 'sale') as orders,
        sum(sales_amount) as sales_amount,
        sum(returns_amount) as returns_amount,
        sum(net_sales_amount) as net_sales_amount
    from entries
    group by month_start, {{ column }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

members as (
    select
        dimension,
        member
    from sales
    group by dimension, member
),

totals as (
    select
        month_start,
        sum(net_sales_amount) as net_sales_amount
    from entries
    group by month_start
),

member_months as (
    select
        months.month_start,
        members.dimension,
        members.member,
        coalesce(sales.orders, 0) as orders,
        coalesce(sales.sales_amount, 0) as sales_amount,
        coalesce(sales.returns_amount, 0) as returns_amount,
        coalesce(sales.net_sales_amount, 0) as net_sales_amount,
        coalesce(totals.net_sales_amount, 0) as month_net_sales_amount,
        months.is_complete as is_complete_period
    from {{ ref('int_months') }} as months
    cross join members
    left join sales
        on
            months.month_start = sales.month_start
            and members.dimension = sales.dimension
            and members.member = sales.member
    left join totals
        on months.month_start = totals.month_start
)

select
    month_start,
    dimension,
    member,
    orders,
    cast(sales_amount as decimal(18, 4)) as sales_amount,
    cast(returns_amount as decimal(18, 4)) as returns_amount,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(month_net_sales_amount as decimal(18, 4)) as month_net_sales_amount,
    {{ ratio('net_sales_amount', 'month_net_sales_amount') }} as net_sales_share_rate,
    is_complete_period
from member_months
