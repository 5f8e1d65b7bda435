-- Grain: one row per month, company size of the visitor (anonymous: nobody known) and device, zeros included. Key:
-- month_start, company_size, device. Additive, because each session is in one row: all but visitors, ratios and
-- medians. A visitor who comes with two devices is in two rows of visitors but in one of month_visitors, that of the
-- first session of the month; active visitors are in the row of their last session. Clock: started_on; of orders
-- ordered_on.
with months as (
    select * from {{ ref('int_months') }}
),

sessions as (
    select * from {{ ref('int_sessions_measured') }}
),

visits as (
    select * from sessions
    where is_valid
),

web_orders as (
    select
        {{ month_of('orders.ordered_on') }} as month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        coalesce(sessions.device, 'unknown') as device,
        orders.session_id is null as is_orphan
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('dim_account_history') }} as account_periods
        on orders.account_period_id = account_periods.account_period_id
    left join sessions
        on orders.session_id = sessions.session_id
    where
        orders.is_valid
        and (
            orders.order_channel in ('{{ var("web_order_channels") | join("', '") }}')
            or orders.session_id is not null
        )
),

session_sums as (
    select
        month_start,
        company_size,
        device,
        count(*) as recorded_sessions,
        count(*) filter (where traffic_kind = 'robot') as robot_sessions,
        count(*) filter (where traffic_kind = 'staff') as staff_sessions,
        count(*) filter (where traffic_kind = 'no_consent') as no_consent_sessions
    from sessions
    group by month_start, company_size, device
),

visit_sums as (
    select
        month_start,
        company_size,
        device,
        {{ session_counts() }},
        count(distinct visitor_key) as visitors,
        count(*) filter (where medium = 'organic') as organic_sessions,
        count(*) filter (where not is_attributed) as unattributed_sessions,
        count(*) filter (where not is_identified) as unstitched_sessions,
        sum(events) as events,
        sum(late_events) as late_events,
        sum(page_views) as page_views,
        sum(duration_seconds) as duration_seconds,
        sum(engaged_seconds) as engaged_seconds,
        median(cast(duration_seconds as double)) as median_duration_seconds
    from visits
    group by month_start, company_size, device
),

month_visitors as (
    select
        month_start,
        visitor_key,
        min_by(company_size, position_in_time) as company_size,
        min_by(device, position_in_time) as device
    from visits
    group by month_start, visitor_key
),

month_visitor_counts as (
    select
        month_start,
        company_size,
        device,
        count(*) as month_visitors
    from month_visitors
    group by month_start, company_size, device
),

month_ends as (
    select
        months.month_start,
        least(months.month_end, as_of.as_of_on) as counted_on
    from months
    cross join {{ ref('int_as_of') }} as as_of
),

recent_visitors as (
    select
        month_ends.month_start,
        month_ends.counted_on,
        visits.visitor_key,
        max_by(visits.company_size, visits.position_in_time) as company_size,
        max_by(visits.device, visits.position_in_time) as device,
        max(visits.started_on) as last_visited_on
    from month_ends
    inner join visits
        on
            visits.started_on > {{ dbt.dateadd('day', -28, 'month_ends.counted_on') }}
            and month_ends.counted_on >= visits.started_on
    group by month_ends.month_start, month_ends.counted_on, visits.visitor_key
),

active_visitor_counts as (
    select
        month_start,
        company_size,
        device,
        count(*) as monthly_active_visitors,
        count(*) filter (
            where last_visited_on > {{ dbt.dateadd('day', -7, 'counted_on') }}
        ) as weekly_active_visitors,
        count(*) filter (where last_visited_on = counted_on) as daily_active_visitors
    from recent_visitors
    group by month_start, company_size, device
),

order_sums as (
    select
        month_start,
        company_size,
        device,
        count(*) as web_orders,
        count(*) filter (where is_orphan) as orphan_web_orders
    from web_orders
    group by month_start, company_size, device
),

member_groups as (
    select
        company_size,
        device
    from session_sums
    union
    select
        company_size,
        device
    from order_sums
),

month_counts as (
    select
        months.month_start,
        member_groups.company_size,
        member_groups.device,
        coalesce(visit_sums.visitors, 0) as visitors,
        coalesce(month_visitor_counts.month_visitors, 0) as month_visitors,
        coalesce(active_visitor_counts.daily_active_visitors, 0) as daily_active_visitors,
        coalesce(active_visitor_counts.weekly_active_visitors, 0) as weekly_active_visitors,
        coalesce(active_visitor_counts.monthly_active_visitors, 0) as monthly_active_visitors,
        coalesce(session_sums.recorded_sessions, 0) as recorded_sessions,
        coalesce(session_sums.robot_sessions, 0) as robot_sessions,
        coalesce(session_sums.staff_sessions, 0) as staff_sessions,
        coalesce(session_sums.no_consent_sessions, 0) as no_consent_sessions,
        coalesce(visit_sums.sessions, 0) as sessions,
        coalesce(visit_sums.engaged_sessions, 0) as engaged_sessions,
        coalesce(visit_sums.bounced_sessions, 0) as bounced_sessions,
        coalesce(visit_sums.single_interaction_sessions, 0) as single_interaction_sessions,
        coalesce(visit_sums.sessions_with_order, 0) as sessions_with_order,
        coalesce(visit_sums.organic_sessions, 0) as organic_sessions,
        coalesce(visit_sums.unattributed_sessions, 0) as unattributed_sessions,
        coalesce(visit_sums.unstitched_sessions, 0) as unstitched_sessions,
        cast(coalesce(visit_sums.events, 0) as bigint) as events,
        cast(coalesce(visit_sums.late_events, 0) as bigint) as late_events,
        cast(coalesce(visit_sums.page_views, 0) as bigint) as page_views,
        cast(coalesce(visit_sums.duration_seconds, 0) as bigint) as duration_seconds,
        cast(coalesce(visit_sums.engaged_seconds, 0) as bigint) as engaged_seconds,
        coalesce(order_sums.web_orders, 0) as web_orders,
        coalesce(order_sums.orphan_web_orders, 0) as orphan_web_orders,
        visit_sums.median_duration_seconds,
        months.is_complete as is_complete_period
    from months
    cross join member_groups
    {% for sums in ['session_sums', 'visit_sums', 'month_visitor_counts', 'active_visitor_counts', 'order_sums'] -%}
    left join {{ sums }}
        on
            months.month_start = {{ sums }}.month_start
            and member_groups.company_size = {{ sums }}.company_size
            and member_groups.device = {{ sums }}.device
    {% endfor %}
)

select
    month_start,
    company_size,
    device,
    visitors,
    month_visitors,
    daily_active_visitors,
    weekly_active_visitors,
    monthly_active_visitors,
    recorded_sessions,
    robot_sessions,
    staff_sessions,
    no_consent_sessions,
    sessions,
    engaged_sessions,
    bounced_sessions,
    single_interaction_sessions,
    sessions_with_order,
    organic_sessions,
    unattributed_sessions,
    unstitched_sessions,
    events,
    late_events,
    page_views,
    duration_seconds,
    engaged_seconds,
    web_orders,
    orphan_web_orders,
    {{ ratio('page_views', 'sessions') }} as pages_per_session,
    {{ ratio('duration_seconds', 'sessions') }} as average_duration_seconds,
    median_duration_seconds,
    {{ ratio('engaged_seconds', 'sessions') }} as average_engaged_seconds,
    {{ ratio('weekly_active_visitors', 'monthly_active_visitors') }} as stickiness_rate,
    {{ wilson_bounds('weekly_active_visitors', 'monthly_active_visitors', 'stickiness_rate') }},
    {{ is_reportable('monthly_active_visitors') }} as is_stickiness_rate_reportable,
    {{ session_rates() }},
    {{ ratio('organic_sessions', 'sessions') }} as organic_session_rate,
    {{ wilson_bounds('organic_sessions', 'sessions', 'organic_session_rate') }},
    {{ ratio('robot_sessions', 'recorded_sessions') }} as robot_session_rate,
    {{ wilson_bounds('robot_sessions', 'recorded_sessions', 'robot_session_rate') }},
    {{ ratio('staff_sessions', 'recorded_sessions') }} as staff_session_rate,
    {{ wilson_bounds('staff_sessions', 'recorded_sessions', 'staff_session_rate') }},
    {{ is_reportable('recorded_sessions') }} as is_recorded_session_rate_reportable,
    {{ ratio('unattributed_sessions', 'sessions') }} as unattributed_session_rate,
    {{ wilson_bounds('unattributed_sessions', 'sessions', 'unattributed_session_rate') }},
    {{ ratio('unstitched_sessions', 'sessions') }} as unstitched_session_rate,
    {{ wilson_bounds('unstitched_sessions', 'sessions', 'unstitched_session_rate') }},
    {{ ratio('late_events', 'events') }} as late_event_rate,
    {{ wilson_bounds('late_events', 'events', 'late_event_rate') }},
    {{ is_reportable('events') }} as is_late_event_rate_reportable,
    {{ ratio('orphan_web_orders', 'web_orders') }} as orphan_web_order_rate,
    {{ wilson_bounds('orphan_web_orders', 'web_orders', 'orphan_web_order_rate') }},
    {{ is_reportable('web_orders') }} as is_orphan_web_order_rate_reportable,
    {{ is_reportable('sessions') }} as is_reportable,
    is_complete_period
from month_counts
