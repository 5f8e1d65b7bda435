-- Grain: one row per order that counts and came by an offline channel (offline_order_channels). Key: order_id. Clock:
-- the order. It is influenced when, within digital_influence_days before it, a person known to belong to its account
-- looked at items, prices, quotes or the cart in a session that counts. Before is meant to the second, days are local
-- days: a visit of the morning counts for an order of the afternoon, with 0 days. Influenced is not caused.
with offline_orders as (
    select *
    from {{ ref('fct_orders') }}
    where
        is_valid
        and order_channel in ('{{ var("offline_order_channels") | join("', '") }}')
),

researched as (
    select session_id
    from {{ ref('fct_web_events') }}
    where
        event_name in ('product_view', 'add_to_cart', 'quote_request', 'checkout_start')
        or page_type in ('{{ var("research_page_types") | join("', '") }}')
    group by session_id
),

research_sessions as (
    select
        sessions.session_id,
        sessions.account_id,
        sessions.started_on,
        sessions.started_at
    from {{ ref('fct_sessions') }} as sessions
    inner join researched
        on sessions.session_id = researched.session_id
    where
        sessions.is_valid
        and sessions.account_id is not null
),

order_research as (
    select
        offline_orders.order_id,
        count(*) as research_sessions,
        max_by(
            research_sessions.session_id,
            {{ position_in_time('research_sessions.started_at', 'research_sessions.session_id') }}
        ) as last_research_session_id,
        max(research_sessions.started_on) as last_researched_on
    from offline_orders
    inner join research_sessions
        on
            offline_orders.account_id = research_sessions.account_id
            and offline_orders.ordered_at > research_sessions.started_at
            and {{ dbt.dateadd('day', -var('digital_influence_days'), 'offline_orders.ordered_on') }}
            <= research_sessions.started_on
    group by offline_orders.order_id
)

select
    offline_orders.order_id,
    offline_orders.account_id,
    offline_orders.order_channel,
    offline_orders.net_amount,
    order_research.order_id is not null as is_influenced,
    coalesce(order_research.research_sessions, 0) as research_sessions,
    order_research.last_research_session_id,
    {{ dbt.datediff('order_research.last_researched_on', 'offline_orders.ordered_on', 'day') }} as days_since_research,
    offline_orders.ordered_on
from offline_orders
left join order_research
    on offline_orders.order_id = order_research.order_id
