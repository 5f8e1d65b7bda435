-- Grain: one row per web session, robots and staff included: KPIs read is_valid only. Key: session_id. Additive.
-- Clock: started_on, the local day of the first event.
with session_orders as (
    select
        attributed.session_id,
        count(*) as orders,
        sum(orders.net_amount) as net_amount
    from {{ ref('int_web_orders_attributed') }} as attributed
    inner join {{ ref('fct_orders') }} as orders
        on attributed.order_id = orders.order_id
    group by attributed.session_id
)

select
    sessions.session_id,
    sessions.visitor_id,
    identified.contact_id,
    identified.account_id,
    account_periods.account_period_id,
    identified.identified_by,
    sessions.source,
    sessions.medium,
    sessions.campaign,
    sessions.keyword,
    credited.source as conversion_source,
    credited.medium as conversion_medium,
    credited.campaign as conversion_campaign,
    sessions.landing_page_url,
    sessions.landing_page_type,
    sessions.device,
    sessions.country_code,
    sessions.events,
    sessions.page_views,
    sessions.product_views,
    sessions.cart_additions,
    sessions.quote_requests,
    sessions.duration_seconds,
    sessions.engaged_seconds,
    coalesce(session_orders.orders, 0) as orders,
    cast(coalesce(session_orders.net_amount, 0) as decimal(18, 4)) as net_amount,
    sessions.is_engaged,
    session_orders.session_id is not null as has_order,
    sessions.is_robot,
    coalesce(identified.is_staff, false) as is_staff,
    -- consentless events count as page views only, not as sessions in a rate
    not sessions.is_robot
    and not coalesce(identified.is_staff, false)
    and sessions.visitor_id is not null
    and sessions.started_on <= as_of.as_of_on as is_valid,
    sessions.started_on,
    sessions.started_at,
    sessions.ended_at
from {{ ref('int_web_sessions') }} as sessions
cross join {{ ref('int_as_of') }} as as_of
left join {{ ref('int_sessions_identified') }} as identified
    on sessions.session_id = identified.session_id
left join {{ ref('int_sessions_credited') }} as credited
    on sessions.session_id = credited.session_id
left join session_orders
    on sessions.session_id = session_orders.session_id
{{ join_account_period('identified.account_id', 'sessions.started_on') }}
