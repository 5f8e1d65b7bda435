-- Grain: one row per calendar month and company size, zeros included. Key: month_start, company_size. Counts are
-- additive over company_size, not over months. Clock: the state on measured_on, the last day of the month or as_of;
-- active means in the active_user_days up to it. A user is a person at a company, so that somebody who buys for two
-- is two. The size is that of the day; testers, staff and guests are out.
{% set active_days = var('active_user_days') %}
with months as (
    select
        months.month_start,
        months.is_complete,
        least(months.month_end, as_of.as_of_on) as measured_on,
        cast({{ dbt.dateadd('day', -active_days, 'least(months.month_end, as_of.as_of_on)') }} as date) as active_after,
        cast({{ dbt.dateadd('day', -7, 'least(months.month_end, as_of.as_of_on)') }} as date) as active_7d_after
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

users as (
    select * from {{ ref('int_shop_users') }}
),

first_uses as (
    select
        account_id,
        min(active_on) as first_active_on
    from {{ ref('int_user_days') }}
    group by account_id
),

-- An account without any date is older than what is known.
accounts as (
    select
        accounts.account_id,
        accounts.first_ordered_on,
        accounts.is_listed and accounts.created_at is null as is_undated,
        {{ local_date('accounts.created_at') }} as created_on,
        first_uses.first_active_on
    from {{ ref('dim_account') }} as accounts
    left join first_uses
        on accounts.account_id = first_uses.account_id
    where not accounts.is_test and not accounts.is_guest
),

accounts_dated as (
    select
        account_id,
        first_ordered_on,
        case
            when is_undated then {{ beginning() }}
            else coalesce(least(created_on, first_ordered_on, first_active_on), {{ beginning() }})
        end as known_on
    from accounts
),

account_months as (
    select
        months.month_start,
        accounts.account_id,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        coalesce(accounts.first_ordered_on <= months.measured_on, false) as is_customer
    from accounts_dated as accounts
    inner join months
        on accounts.known_on <= months.measured_on
    {{ join_account_period('accounts.account_id', 'months.measured_on') }}
),

users_by_account as (
    select
        months.month_start,
        users.account_id,
        count(*) as users
    from users
    inner join months
        on coalesce(users.known_on, {{ beginning() }}) <= months.measured_on
    group by months.month_start, users.account_id
),

active_users as (
    select
        months.month_start,
        uses.account_id,
        uses.contact_id,
        sum(uses.web_orders) > 0 as is_ordering,
        max(uses.active_on) > months.active_7d_after as is_active_7d,
        max(uses.active_on) = months.measured_on as is_active_1d
    from {{ ref('int_user_days') }} as uses
    inner join months
        on
            uses.active_on > months.active_after
            and uses.active_on <= months.measured_on
    group by months.month_start, months.measured_on, months.active_7d_after, uses.account_id, uses.contact_id
),

active_users_by_account as (
    select
        month_start,
        account_id,
        count(*) as active_users,
        count(*) filter (where is_ordering) as ordering_users,
        count(*) filter (where is_active_7d) as active_users_7d,
        count(*) filter (where is_active_1d) as active_users_1d
    from active_users
    group by month_start, account_id
),

orders_by_account as (
    select
        months.month_start,
        order_days.account_id,
        count(*) as order_days
    from {{ ref('int_account_order_days') }} as order_days
    inner join months
        on
            order_days.ordered_on > months.active_after
            and order_days.ordered_on <= months.measured_on
    group by months.month_start, order_days.account_id
),

account_counts as (
    select
        account_months.month_start,
        account_months.company_size,
        account_months.is_customer,
        coalesce(users.users, 0) as users,
        coalesce(active.active_users, 0) as active_users,
        coalesce(active.ordering_users, 0) as ordering_users,
        coalesce(active.active_users_7d, 0) as active_users_7d,
        coalesce(active.active_users_1d, 0) as active_users_1d,
        active.account_id is not null or orders.account_id is not null as is_active
    from account_months
    left join users_by_account as users
        on
            account_months.month_start = users.month_start
            and account_months.account_id = users.account_id
    left join active_users_by_account as active
        on
            account_months.month_start = active.month_start
            and account_months.account_id = active.account_id
    left join orders_by_account as orders
        on
            account_months.month_start = orders.month_start
            and account_months.account_id = orders.account_id
),

counts as (
    select
        month_start,
        company_size,
        count(*) as accounts,
        count(*) filter (where is_customer) as customers,
        count(*) filter (where users > 0) as accounts_with_users,
        count(*) filter (where is_active) as active_accounts,
        count(*) filter (where is_active and is_customer) as active_customers,
        count(*) filter (where active_users > 0 and is_customer) as shop_customers,
        sum(users) as users,
        sum(active_users) as active_users,
        sum(ordering_users) as ordering_users,
        sum(active_users_7d) as active_users_7d,
        sum(active_users_1d) as active_users_1d
    from account_counts
    group by month_start, company_size
),

company_sizes as (
    select company_size
    from counts
    group by company_size
),

cells as (
    select
        months.month_start,
        months.measured_on,
        {% for count in [
            'accounts', 'customers', 'accounts_with_users', 'active_accounts', 'active_customers', 'shop_customers',
            'users', 'active_users', 'ordering_users', 'active_users_7d', 'active_users_1d'
        ] -%}
        cast(coalesce(counts.{{ count }}, 0) as bigint) as {{ count }},
        {% endfor -%}
        company_sizes.company_size,
        months.is_complete as is_complete_period
    from months
    cross join company_sizes
    left join counts
        on
            months.month_start = counts.month_start
            and company_sizes.company_size = counts.company_size
)

select
    month_start,
    company_size,
    accounts,
    customers,
    accounts_with_users,
    active_accounts,
    active_customers,
    shop_customers,
    users,
    active_users,
    ordering_users,
    active_users - ordering_users as research_users,
    active_users_7d,
    active_users_1d,
    {{ ratio('active_users', 'active_accounts') }} as users_per_active_account,
    {{ ratio('active_users', 'users') }} as active_user_rate,
    {{ wilson_bounds('active_users', 'users', 'active_user_rate') }},
    {{ is_reportable('users') }} as is_active_user_rate_reportable,
    {{ ratio('shop_customers', 'active_customers') }} as shop_use_rate,
    {{ wilson_bounds('shop_customers', 'active_customers', 'shop_use_rate') }},
    {{ ratio('active_users_7d', 'active_users') }} as stickiness_rate,
    {{ wilson_bounds('active_users_7d', 'active_users', 'stickiness_rate') }},
    {{ is_reportable('active_users') }} as is_stickiness_rate_reportable,
    {{ is_reportable('active_customers') }} as is_reportable,
    is_complete_period,
    measured_on
from cells
