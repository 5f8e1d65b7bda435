-- Grain: one row per dimension (company_size, industry, country, catalog, and all) and member, over the twelve months
-- that end with as_of. Key: dimension, member. Counts add up over the members of one dimension, never over
-- dimensions; medians and ratios are not additive. Clock: started_on of sessions, ordered_on of orders. The segment
-- is that of the account on that day (its country is today's). Orders are those of all channels, sessions with order
-- those of the web: orders / sessions is no conversion. Sessions of nobody known are anonymous, and no order is.
{#- dimension, and the column of int_sessions_measured that holds its member -#}
{% set dimensions = {
    'all': "'all'",
    'company_size': 'company_size',
    'industry': 'industry',
    'country': 'account_country_code',
    'catalog': 'catalog_id',
} %}
with visits as (
    select sessions.*
    from {{ ref('int_sessions_measured') }} as sessions
    cross join {{ ref('int_as_of') }} as as_of
    where
        sessions.is_valid
        and {{ is_in_last_12_months('sessions.started_on') }}
),

orders as (
    select
        orders.net_amount,
        'all' as all_member,
        coalesce(account_periods.company_size, 'unknown') as company_size_member,
        coalesce(account_periods.industry, 'unknown') as industry_member,
        coalesce(accounts.country_code, 'unknown') as country_member,
        coalesce(orders.catalog_id, 'unknown') as catalog_member
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('dim_account_history') }} as account_periods
        on orders.account_period_id = account_periods.account_period_id
    left join {{ ref('dim_account') }} as accounts
        on orders.account_id = accounts.account_id
    where
        orders.is_valid
        and {{ is_in_last_12_months('orders.ordered_on') }}
),

visit_sums as (
    {% for dimension, session_member in dimensions.items() -%}
    select
        '{{ dimension }}' as dimension,
        {{ session_member }} as member,
        {{ session_counts() }},
        sum(duration_seconds) as duration_seconds,
        median(cast(duration_seconds as double)) as median_duration_seconds
    from visits
    {% if dimension != 'all' -%}
    group by {{ session_member }}
    {%- else -%}
    having count(*) > 0
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

order_sums as (
    {% for dimension in dimensions -%}
    select
        '{{ dimension }}' as dimension,
        {{ dimension }}_member as member,
        count(*) as orders,
        sum(net_amount) as sales_amount
    from orders
    group by {{ dimension }}_member
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

members as (
    select
        dimension,
        member
    from visit_sums
    union
    select
        dimension,
        member
    from order_sums
),

member_counts as (
    select
        members.dimension,
        members.member,
        coalesce(visit_sums.sessions, 0) as sessions,
        coalesce(visit_sums.engaged_sessions, 0) as engaged_sessions,
        coalesce(visit_sums.bounced_sessions, 0) as bounced_sessions,
        coalesce(visit_sums.single_interaction_sessions, 0) as single_interaction_sessions,
        coalesce(visit_sums.sessions_with_order, 0) as sessions_with_order,
        cast(coalesce(visit_sums.duration_seconds, 0) as bigint) as duration_seconds,
        visit_sums.median_duration_seconds,
        coalesce(order_sums.orders, 0) as orders,
        cast(coalesce(order_sums.sales_amount, 0) as decimal(18, 4)) as sales_amount
    from members
    left join visit_sums
        on
            members.dimension = visit_sums.dimension
            and members.member = visit_sums.member
    left join order_sums
        on
            members.dimension = order_sums.dimension
            and members.member = order_sums.member
)

select
    member_counts.dimension,
    member_counts.member,
    coalesce(catalogs.catalog_name, member_counts.member) as member_name,
    member_counts.sessions,
    member_counts.engaged_sessions,
    member_counts.bounced_sessions,
    member_counts.single_interaction_sessions,
    member_counts.sessions_with_order,
    member_counts.duration_seconds,
    member_counts.orders,
    member_counts.sales_amount,
    {{ session_rates() }},
    {{ ratio('member_counts.duration_seconds', '60.0 * member_counts.sessions') }} as average_duration_minutes,
    member_counts.median_duration_seconds / 60 as median_duration_minutes,
    {{ ratio('member_counts.sales_amount', 'member_counts.orders') }} as average_order_amount,
    {{ is_reportable('member_counts.sessions') }} as is_reportable
from member_counts
left join {{ ref('dim_catalog') }} as catalogs
    on
        member_counts.dimension = 'catalog'
        and member_counts.member = catalogs.catalog_id
