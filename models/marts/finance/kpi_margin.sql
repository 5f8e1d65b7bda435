-- Grain: one row per calendar month and company size, for every size that ever bought. Key: month_start,
-- company_size. Amounts are additive; rates are not. Clock: ordered_on for sales, returned_on for returns (ledger
-- view), both with the company size of the order, or of the return's day where it names no order. Margin is that of
-- what has a known cost: lines and returns without one are out of sales and cost alike, and the share that has one
-- stands beside. Goods taken back that cannot be sold again give no cost back.
with sales as (
    select
        {{ month_of('order_lines.ordered_on') }} as month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        sum(order_lines.net_amount) as sales_amount,
        sum(order_lines.net_amount) filter (where order_lines.cost_amount is not null) as costed_sales_amount,
        sum(order_lines.cost_amount) as cost_amount
    from {{ ref('fct_order_lines') }} as order_lines
    left join {{ ref('dim_account_history') }} as account_periods
        on order_lines.account_period_id = account_periods.account_period_id
    where order_lines.is_valid
    group by {{ month_of('order_lines.ordered_on') }}, coalesce(account_periods.company_size, 'unknown')
),

returned_lines as (
    select
        returned.returned_on,
        returned.refund_amount,
        returned.cost_amount,
        coalesce(orders.account_period_id, account_periods.account_period_id) as account_period_id
    from {{ ref('fct_returns') }} as returned
    left join {{ ref('fct_orders') }} as orders
        on returned.order_id = orders.order_id
    {{ join_account_period('returned.account_id', 'returned.returned_on') }}
    where returned.is_valid
),

returned as (
    select
        {{ month_of('returned_lines.returned_on') }} as month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        sum(returned_lines.refund_amount) as refund_amount,
        sum(returned_lines.refund_amount) filter (where returned_lines.cost_amount is not null)
            as costed_refund_amount,
        sum(returned_lines.cost_amount) as cost_amount
    from returned_lines
    left join {{ ref('dim_account_history') }} as account_periods
        on returned_lines.account_period_id = account_periods.account_period_id
    group by {{ month_of('returned_lines.returned_on') }}, coalesce(account_periods.company_size, 'unknown')
),

company_sizes as (
    select company_size from sales
    union
    select company_size from returned
),

month_amounts as (
    select
        months.month_start,
        months.is_complete,
        company_sizes.company_size,
        coalesce(sales.sales_amount, 0) - coalesce(returned.refund_amount, 0) as net_sales_amount,
        coalesce(sales.costed_sales_amount, 0) - coalesce(returned.costed_refund_amount, 0)
            as costed_net_sales_amount,
        coalesce(sales.cost_amount, 0) - coalesce(returned.cost_amount, 0) as cost_amount
    from {{ ref('int_months') }} as months
    cross join company_sizes
    left join sales
        on
            months.month_start = sales.month_start
            and company_sizes.company_size = sales.company_size
    left join returned
        on
            months.month_start = returned.month_start
            and company_sizes.company_size = returned.company_size
)

select
    month_start,
    company_size,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(costed_net_sales_amount as decimal(18, 4)) as costed_net_sales_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    cast(costed_net_sales_amount - cost_amount as decimal(18, 4)) as margin_amount,
    case
        when costed_net_sales_amount > 0
            then {{ ratio('costed_net_sales_amount - cost_amount', 'costed_net_sales_amount') }}
    end as margin_rate,
    case
        when net_sales_amount > 0 then {{ ratio('costed_net_sales_amount', 'net_sales_amount') }}
    end as cost_coverage_rate,
    is_complete as is_complete_period
from month_amounts
