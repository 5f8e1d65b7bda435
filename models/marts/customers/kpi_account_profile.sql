-- Grain: one row per customer or prospect, testers left out. Key: account_id. Additive over accounts, except days,
-- ratios and flags. As of the last day of data. Amounts are in the base currency; net_sales_amount = sales - returns,
-- both to date, returns on the day they were credited. Margin knows only what has a cost. Credit is used by what
-- invoices, tax included, are open, less credit notes not used up.
{% set active_days = var('active_user_days') %}
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
    where is_valid
    group by account_id
),

margins as (
    select
        account_id,
        sum(sales_with_cost_amount) as sales_with_cost_amount,
        sum(net_sales_with_cost_amount) as net_sales_with_cost_amount,
        sum(cost_amount) as cost_amount
    from {{ ref('int_account_daily_sales') }}
    group by account_id
),

invoices as (
    select
        account_id,
        sum(open_amount) as open_amount
    from {{ ref('fct_invoices') }}
    where is_valid
    group by account_id
),

users as (
    select
        users.account_id,
        count(*) as users
    from {{ ref('int_shop_users') }} as users
    cross join {{ ref('int_as_of') }} as as_of
    where coalesce(users.known_on <= as_of.as_of_on, true)
    group by users.account_id
),

active_users as (
    select
        uses.account_id,
        uses.contact_id,
        sum(uses.web_orders) > 0 as is_ordering
    from {{ ref('int_user_days') }} as uses
    cross join {{ ref('int_as_of') }} as as_of
    where
        uses.active_on > {{ dbt.dateadd('day', -active_days, 'as_of.as_of_on') }}
        and uses.active_on <= as_of.as_of_on
    group by uses.account_id, uses.contact_id
),

active_users_by_account as (
    select
        account_id,
        count(*) as active_users,
        count(*) filter (where is_ordering) as ordering_users
    from active_users
    group by account_id
),

touches as (
    select
        touches.account_id,
        max(touches.touched_on) as last_touched_on
    from {{ ref('fct_touchpoints') }} as touches
    cross join {{ ref('int_as_of') }} as as_of
    where touches.touched_on <= as_of.as_of_on
    group by touches.account_id
),

-- Of each person at the account the last answer; somebody without a name answers for themselves.
last_answers as (
    select
        account_id,
        coalesce(contact_id, response_id) as respondent_id,
        max_by(score, {{ position_in_time('responded_at', 'response_id') }}) as score
    from {{ ref('fct_survey_responses') }}
    where survey_type = 'nps' and is_counted
    group by account_id, coalesce(contact_id, response_id)
),

nps as (
    select
        account_id,
        count(*) as respondents,
        count(*) filter (where score >= 9) as promoters,
        count(*) filter (where score <= 6) as detractors
    from last_answers
    group by account_id
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
        coalesce(margins.sales_with_cost_amount, 0) as sales_with_cost_amount,
        coalesce(margins.net_sales_with_cost_amount, 0) as net_sales_with_cost_amount,
        coalesce(margins.cost_amount, 0) as cost_amount,
        coalesce(invoices.open_amount, 0) as open_invoices_amount,
        coalesce(users.users, 0) as users,
        coalesce(active_users.active_users, 0) as active_users,
        coalesce(active_users.ordering_users, 0) as ordering_users,
        coalesce(nps.respondents, 0) as nps_respondents,
        coalesce(nps.promoters, 0) as nps_promoters,
        coalesce(nps.detractors, 0) as nps_detractors,
        greatest(touches.last_touched_on, silences.last_ordered_on) as last_contacted_on,
        silences.days_since_last_order,
        silences.interval_count,
        silences.interval_basis,
        silences.usual_interval_days,
        silences.interval_limit_days,
        silences.overdue_ratio,
        silences.expected_next_order_on,
        coalesce(silences.is_lost, false) as is_lost,
        coalesce(silences.is_seasonal_pause, false) as is_seasonal_pause,
        coalesce(silences.is_overdue, false) as is_overdue
    from {{ ref('dim_account') }} as accounts
    left join {{ ref('dim_sales_rep') }} as reps on accounts.owner_rep_id = reps.rep_id
    left join orders on accounts.account_id = orders.account_id
    left join order_days on accounts.account_id = order_days.account_id
    left join returned on accounts.account_id = returned.account_id
    left join deals on accounts.account_id = deals.account_id
    left join margins on accounts.account_id = margins.account_id
    left join invoices on accounts.account_id = invoices.account_id
    left join users on accounts.account_id = users.account_id
    left join active_users_by_account as active_users on accounts.account_id = active_users.account_id
    left join touches on accounts.account_id = touches.account_id
    left join nps on accounts.account_id = nps.account_id
    left join {{ ref('int_account_silences') }} as silences on accounts.account_id = silences.account_id
    where not accounts.is_test
)

select
    account_id,
    parent_account_id,
    ultimate_parent_id,
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
    users,
    active_users,
    ordering_users,
    active_users - ordering_users as research_users,
    nps_respondents,
    nps_promoters,
    nps_detractors,
    cast(units as decimal(18, 4)) as units,
    cast(open_deals_amount as decimal(18, 4)) as open_deals_amount,
    cast(gross_amount as decimal(18, 4)) as gross_sales_amount,
    cast(discount_amount as decimal(18, 4)) as discount_amount,
    cast(sales_amount as decimal(18, 4)) as sales_amount,
    cast(refund_amount as decimal(18, 4)) as returns_amount,
    cast(sales_amount - refund_amount as decimal(18, 4)) as net_sales_amount,
    cast(net_sales_12m_amount as decimal(18, 4)) as net_sales_12m_amount,
    cast(sales_with_cost_amount as decimal(18, 4)) as sales_with_cost_amount,
    cast(net_sales_with_cost_amount as decimal(18, 4)) as net_sales_with_cost_amount,
    cast(net_sales_with_cost_amount - cost_amount as decimal(18, 4)) as margin_amount,
    cast(credit_limit_amount as decimal(18, 4)) as credit_limit_amount,
    cast(open_invoices_amount as decimal(18, 4)) as open_invoices_amount,
    case
        when net_sales_with_cost_amount > 0
            then {{ ratio('net_sales_with_cost_amount - cost_amount', 'net_sales_with_cost_amount') }}
    end as margin_rate,
    {{ ratio('sales_with_cost_amount', 'sales_amount') }} as cost_coverage_rate,
    {{ ratio('open_invoices_amount', 'credit_limit_amount') }} as credit_used_rate,
    100 * {{ ratio('nps_promoters - nps_detractors', 'nps_respondents') }} as nps,
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
    is_seasonal_pause,
    is_overdue,
    first_ordered_on,
    last_ordered_on,
    expected_next_order_on,
    last_contacted_on
from accounts
