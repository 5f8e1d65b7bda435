-- Grain: one row per customer or prospect, testers left out. Key: account_id. Additive over accounts, except days,
-- ratios and flags. As of the last day of data. Amounts are in the base currency; net_sales_amount = sales - returns,
-- both to date, returns on the day they were credited.
with orders as (
    select
        orders.account_id,
        count(*) as orders,
        sum(orders.units) as units,
        sum(orders.gross_amount) as gross_amount,
        sum(orders.discount_amount) as discount_amount,
        sum(orders.net_amount) as net_amount,
        sum(orders.net_amount) filter (where {{ is_in_last_12_months('orders.ordered_on') }}) as net_amount_12m
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where orders.is_valid
    group by orders.account_id
),

order_days as (
    select
        account_id,
        count(*) as order_days,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on
    from {{ ref('int_account_order_days') }}
    group by account_id
),

returned as (
    select
        returned.account_id,
        sum(returned.refund_amount) as refund_amount,
        sum(returned.refund_amount) filter (where {{ is_in_last_12_months('returned.returned_on') }})
            as refund_amount_12m
    from {{ ref('fct_returns') }} as returned
    cross join {{ ref('int_as_of') }} as as_of
    where returned.is_valid
    group by returned.account_id
),

deals as (
    select
        account_id,
        count(*) filter (where outcome = 'won') as deals_won,
        count(*) filter (where outcome = 'lost') as deals_lost,
        count(*) filter (where outcome = 'open') as deals_open,
        sum(amount) filter (where outcome = 'open') as open_deals_amount
    from {{ ref('fct_opportunities') }}
    group by account_id
),

current_losses as (
    select account_id
    from {{ ref('int_account_losses') }}
    where won_back_on is null
),

accounts as (
    select
        accounts.*,
        reps.rep_name as owner_rep_name,
        coalesce(orders.orders, 0) as orders,
        coalesce(order_days.order_days, 0) as order_days,
        coalesce(deals.deals_won, 0) as deals_won,
        coalesce(deals.deals_lost, 0) as deals_lost,
        coalesce(deals.deals_open, 0) as deals_open,
        coalesce(orders.units, 0) as units,
        coalesce(deals.open_deals_amount, 0) as open_deals_amount,
        coalesce(orders.gross_amount, 0) as gross_amount,
        coalesce(orders.discount_amount, 0) as discount_amount,
        coalesce(returned.refund_amount, 0) as refund_amount,
        coalesce(orders.net_amount, 0) as sales_amount,
        coalesce(orders.net_amount_12m, 0) - coalesce(returned.refund_amount_12m, 0) as net_sales_12m_amount,
        {{ dbt.datediff('order_days.last_ordered_on', 'as_of.as_of_on', 'day') }} as days_since_last_order,
        cadence.interval_count,
        cadence.interval_basis,
        cadence.usual_interval_days,
        cadence.interval_limit_days,
        current_losses.account_id is not null as is_lost
    from {{ ref('dim_account') }} as accounts
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('dim_sales_rep') }} as reps on accounts.owner_rep_id = reps.rep_id
    left join orders on accounts.account_id = orders.account_id
    left join order_days on accounts.account_id = order_days.account_id
    left join returned on accounts.account_id = returned.account_id
    left join deals on accounts.account_id = deals.account_id
    left join {{ ref('int_account_cadence') }} as cadence on accounts.account_id = cadence.account_id
    left join current_losses on accounts.account_id = current_losses.account_id
    where not accounts.is_test
),

accounts_with_cadence as (
    select
        *,
        {{ ratio('days_since_last_order', 'usual_interval_days') }} as overdue_ratio,
        cast({{ dbt.dateadd('day', 'cast(round(usual_interval_days) as integer)', 'last_ordered_on') }} as date)
            as expected_next_order_on
    from accounts
)

select
    account_id,
    parent_account_id,
    owner_rep_id,
    account_name,
    owner_rep_name,
    industry,
    company_size,
    country_code,
    acquisition_source,
    orders,
    order_days,
    deals_won,
    deals_lost,
    deals_open,
    cast(units as decimal(18, 4)) as units,
    cast(open_deals_amount as decimal(18, 4)) as open_deals_amount,
    cast(gross_amount as decimal(18, 4)) as gross_sales_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(refund_amount as decimal(18, 4)) as returns_amount,
    cast(sales_amount - refund_amount as decimal(18, 4)) as net_sales_amount,
    cast(net_sales_12m_amount as decimal(18, 4)) as net_sales_12m_amount,
    {{ ratio('sales_amount', 'orders') }} as average_order_amount,
    days_since_last_order,
    interval_count,
    interval_basis,
    usual_interval_days,
    interval_limit_days,
    overdue_ratio,
    is_customer,
    is_customer and orders > 1 and order_days > 1 as is_repeat_customer,
    is_guest,
    is_lost,
    -- one order has no cadence, and a lost customer is not late but gone
    coalesce(
        interval_count > 0
        and not is_lost
        and days_since_last_order > interval_limit_days
        and overdue_ratio >= {{ var('overdue_ratio') }},
        false
    ) as is_overdue,
    first_ordered_on,
    last_ordered_on,
    expected_next_order_on
from accounts_with_cadence
