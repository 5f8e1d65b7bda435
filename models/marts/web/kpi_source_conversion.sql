-- Grain: one row per month, source and medium (direct, none: no source), zeros included. Key: month_start, source,
-- medium. Additive, but for month_sessions and ratios. Clock: started_on, also of sales and returns, which belong to
-- the session of their order. Three questions with a source each: sessions, the session's own source; credited
-- sessions and all that comes of them, the last source that was not direct (B6); new visitors, the source of their
-- first visit ever (B7).
with months as (
    select * from {{ ref('int_months') }}
),

visits as (
    select * from {{ ref('int_sessions_measured') }}
    where is_valid
),

web_orders as (
    select
        order_id,
        session_id,
        ordered_at
    from {{ ref('fct_orders') }}
    where is_valid and session_id is not null
),

order_refunds as (
    select
        order_id,
        sum(refund_amount) as refund_amount
    from {{ ref('fct_returns') }}
    where is_valid
    group by order_id
),

session_refunds as (
    select
        web_orders.session_id,
        sum(order_refunds.refund_amount) as refund_amount
    from web_orders
    inner join order_refunds
        on web_orders.order_id = order_refunds.order_id
    group by web_orders.session_id
),

own_sums as (
    select
        month_start,
        source,
        medium,
        count(*) as sessions,
        count(*) filter (where is_engaged) as engaged_sessions,
        count(*) filter (where is_single_interaction) as single_interaction_sessions
    from visits
    group by month_start, source, medium
),

month_totals as (
    select
        month_start,
        sum(sessions) as month_sessions
    from own_sums
    group by month_start
),

credited_sums as (
    select
        visits.month_start,
        visits.conversion_source as source,
        visits.conversion_medium as medium,
        count(*) as credited_sessions,
        count(*) filter (where visits.has_order) as credited_sessions_with_order,
        sum(visits.orders) as orders,
        sum(visits.net_amount) as sales_amount,
        sum(session_refunds.refund_amount) as returns_amount
    from visits
    left join session_refunds
        on visits.session_id = session_refunds.session_id
    group by visits.month_start, visits.conversion_source, visits.conversion_medium
),

first_visits as (
    select
        visitor_key,
        min(started_at) as first_started_at,
        min_by(month_start, position_in_time) as month_start,
        min_by(source, position_in_time) as source,
        min_by(medium, position_in_time) as medium
    from visits
    group by visitor_key
),

first_orders as (
    select
        visits.visitor_key,
        min(web_orders.ordered_at) as first_ordered_at
    from visits
    inner join web_orders
        on visits.session_id = web_orders.session_id
    group by visits.visitor_key
),

new_visitor_sums as (
    select
        first_visits.month_start,
        first_visits.source,
        first_visits.medium,
        count(*) as new_visitors,
        count(*) filter (
            where
            first_orders.first_ordered_at
            <= first_visits.first_started_at + interval {{ var('visitor_conversion_days') }} day
        ) as converted_new_visitors
    from first_visits
    left join first_orders
        on first_visits.visitor_key = first_orders.visitor_key
    group by first_visits.month_start, first_visits.source, first_visits.medium
),

-- every credited and first source is the own source of some session, but not always of one that counts
source_groups as (
    select
        source,
        medium
    from own_sums
    union
    select
        source,
        medium
    from credited_sums
),

month_counts as (
    select
        months.month_start,
        source_groups.source,
        source_groups.medium,
        coalesce(own_sums.sessions, 0) as sessions,
        cast(coalesce(month_totals.month_sessions, 0) as bigint) as month_sessions,
        coalesce(own_sums.engaged_sessions, 0) as engaged_sessions,
        coalesce(own_sums.sessions - own_sums.engaged_sessions, 0) as bounced_sessions,
        coalesce(own_sums.single_interaction_sessions, 0) as single_interaction_sessions,
        coalesce(credited_sums.credited_sessions, 0) as credited_sessions,
        coalesce(credited_sums.credited_sessions_with_order, 0) as credited_sessions_with_order,
        cast(coalesce(credited_sums.orders, 0) as bigint) as orders,
        cast(coalesce(credited_sums.sales_amount, 0) as decimal(18, 4)) as sales_amount,
        cast(coalesce(credited_sums.returns_amount, 0) as decimal(18, 4)) as returns_amount,
        coalesce(new_visitor_sums.new_visitors, 0) as new_visitors,
        coalesce(new_visitor_sums.converted_new_visitors, 0) as converted_new_visitors,
        months.is_complete as is_complete_period,
        months.is_complete
        and {{ dbt.dateadd('day', var('visitor_conversion_days'), 'months.month_end') }} <= as_of.as_of_on
            as is_visitor_window_over
    from months
    cross join {{ ref('int_as_of') }} as as_of
    cross join source_groups
    left join month_totals
        on months.month_start = month_totals.month_start
    {% for sums in ['own_sums', 'credited_sums', 'new_visitor_sums'] -%}
    left join {{ sums }}
        on
            months.month_start = {{ sums }}.month_start
            and source_groups.source = {{ sums }}.source
            and source_groups.medium = {{ sums }}.medium
    {% endfor %}
)

select
    month_start,
    source,
    medium,
    sessions,
    month_sessions,
    engaged_sessions,
    bounced_sessions,
    single_interaction_sessions,
    credited_sessions,
    credited_sessions_with_order,
    orders,
    sales_amount,
    returns_amount,
    cast(sales_amount - returns_amount as decimal(18, 4)) as net_sales_amount,
    new_visitors,
    converted_new_visitors,
    {{ ratio('sessions', 'month_sessions') }} as session_share_rate,
    {{ wilson_bounds('sessions', 'month_sessions', 'session_share_rate') }},
    {{ is_reportable('month_sessions') }} as is_session_share_rate_reportable,
    {{ ratio('engaged_sessions', 'sessions') }} as engagement_rate,
    {{ wilson_bounds('engaged_sessions', 'sessions', 'engagement_rate') }},
    {{ ratio('bounced_sessions', 'sessions') }} as bounce_rate,
    {{ wilson_bounds('bounced_sessions', 'sessions', 'bounce_rate') }},
    {{ ratio('single_interaction_sessions', 'sessions') }} as bounce_rate_ua,
    {{ wilson_bounds('single_interaction_sessions', 'sessions', 'bounce_rate_ua') }},
    {{ is_reportable('sessions') }} as is_engagement_rate_reportable,
    {{ ratio('credited_sessions_with_order', 'credited_sessions') }} as session_conversion_rate,
    {{ wilson_bounds('credited_sessions_with_order', 'credited_sessions', 'session_conversion_rate') }},
    case
        when is_visitor_window_over then {{ ratio('converted_new_visitors', 'new_visitors') }}
    end as visitor_conversion_rate,
    {{ wilson_bounds(
        'converted_new_visitors', 'new_visitors', 'visitor_conversion_rate', when='is_visitor_window_over'
    ) }},
    {{ is_reportable('new_visitors') }} as is_visitor_conversion_rate_reportable,
    medium = 'organic' as is_organic,
    {{ is_reportable('credited_sessions') }} as is_reportable,
    is_visitor_window_over,
    is_complete_period
from month_counts
