-- Grain: one row per session up to as_of, robots and staff included. Key: session_id. Clock: started_on. What web
-- KPIs measure of a session and group it by, each decided once; a group that is not known has a name, so that it
-- never vanishes. A visitor is the person where one is known, else the browser: two browsers of one person are one
-- visitor.
with event_counts as (
    select
        session_id,
        count(*) filter (where event_name not in ('{{ var("passive_events") | join("', '") }}')) as interactions,
        count(*) filter (
            where received_at > occurred_at + interval {{ var('late_event_hours') }} hour
        ) as late_events
    from {{ ref('fct_web_events') }}
    group by session_id
)

select
    sessions.session_id,
    -- a person and a browser may have the same number
    coalesce('person ' || sessions.contact_id, 'browser ' || sessions.visitor_id) as visitor_key,
    sessions.account_id,
    case
        when sessions.is_robot then 'robot'
        when sessions.is_staff then 'staff'
        when sessions.visitor_id is null then 'no_consent'
        else 'visitor'
    end as traffic_kind,
    case
        when sessions.contact_id is null then 'anonymous'
        else coalesce(account_periods.company_size, 'unknown')
    end as company_size,
    case
        when sessions.contact_id is null then 'anonymous'
        else coalesce(account_periods.industry, 'unknown')
    end as industry,
    case
        when sessions.contact_id is null then 'anonymous'
        else coalesce(account_periods.catalog_id, 'unknown')
    end as catalog_id,
    case
        when sessions.contact_id is null then 'anonymous'
        else coalesce(accounts.country_code, 'unknown')
    end as account_country_code,
    coalesce(sessions.device, 'unknown') as device,
    coalesce(sessions.source, 'direct') as source,
    coalesce(sessions.medium, 'none') as medium,
    coalesce(sessions.conversion_source, 'direct') as conversion_source,
    coalesce(sessions.conversion_medium, 'none') as conversion_medium,
    coalesce(sessions.keyword, 'unknown') as keyword,
    coalesce(sessions.landing_page_type, 'unknown') as landing_page_type,
    {{ page_path('sessions.landing_page_url') }} as landing_page,
    sessions.events,
    event_counts.interactions,
    event_counts.late_events,
    sessions.page_views,
    sessions.cart_additions,
    sessions.orders,
    least(sessions.duration_seconds, {{ var('session_duration_cap_minutes') * 60 }}) as duration_seconds,
    sessions.engaged_seconds,
    sessions.net_amount,
    sessions.is_valid,
    sessions.is_engaged,
    -- a session of nothing but pings had no interaction at all, which is no more than one
    event_counts.interactions <= 1 as is_single_interaction,
    sessions.has_order,
    sessions.contact_id is not null as is_identified,
    sessions.conversion_source is not null as is_attributed,
    {{ month_of('sessions.started_on') }} as month_start,
    sessions.started_on,
    sessions.started_at,
    {{ position_in_time('sessions.started_at', 'sessions.session_id') }} as position_in_time
from {{ ref('fct_sessions') }} as sessions
inner join event_counts
    on sessions.session_id = event_counts.session_id
inner join {{ ref('int_as_of') }} as as_of
    on sessions.started_on <= as_of.as_of_on
left join {{ ref('dim_account_history') }} as account_periods
    on sessions.account_period_id = account_periods.account_period_id
left join {{ ref('dim_account') }} as accounts
    on sessions.account_id = accounts.account_id
