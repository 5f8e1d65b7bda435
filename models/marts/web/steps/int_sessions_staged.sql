-- Grain: one row per session that counts. Key: session_id. Clock: started_on. Which stage of the customer's journey a
-- session was in, told by the furthest thing that happened in it:
-- 5 repeat: it placed an order, and the account had ordered on an earlier day, through whatever channel;
-- 4 purchase: it placed an order, and the account had not;
-- 3 decision: a cart, a checkout, or a quote: an addition or a request, or the page of one;
-- 2 consideration: a product or a search: seen, or its page;
-- 1 awareness: anything else.
with session_events as (
    select
        session_id,
        bool_or(
            event_name in ('add_to_cart', 'checkout_start', 'quote_request')
            or coalesce(page_type in ('cart', 'checkout', 'quote'), false)
        ) as has_decision,
        bool_or(
            event_name = 'product_view'
            or coalesce(page_type in ('product', 'search'), false)
        ) as has_consideration
    from {{ ref('fct_web_events') }}
    where is_valid
    group by session_id
),

session_orders as (
    select
        session_id,
        bool_or(not is_first_order_day) as is_repeat
    from {{ ref('fct_orders') }}
    where is_valid and session_id is not null
    group by session_id
),

staged as (
    select
        sessions.session_id,
        sessions.visitor_key,
        sessions.month_start,
        case
            when session_orders.is_repeat then 5
            when sessions.has_order then 4
            when session_events.has_decision then 3
            when session_events.has_consideration then 2
            else 1
        end as stage_number,
        coalesce(accounts.first_ordered_on < sessions.started_on, false) as is_customer
    from {{ ref('int_sessions_measured') }} as sessions
    left join session_events
        on sessions.session_id = session_events.session_id
    left join session_orders
        on sessions.session_id = session_orders.session_id
    left join {{ ref('dim_account') }} as accounts
        on sessions.account_id = accounts.account_id
    where sessions.is_valid
)

select
    session_id,
    visitor_key,
    stage_number,
    case stage_number
        when 5 then 'repeat'
        when 4 then 'purchase'
        when 3 then 'decision'
        when 2 then 'consideration'
        else 'awareness'
    end as stage,
    is_customer,
    month_start
from staged
