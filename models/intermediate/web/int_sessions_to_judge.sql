-- Grain: one row per session of which a batch asks anew whose it is, what brought it and what came of it. Key:
-- session_id. Empty in a full build. Those of visitors with new events, also before: a log-in tells whose the sessions
-- of identity_window_days were. Those of which another table now says something else: the person moved to another
-- account, the account's period changed, an order was cancelled. And those that the run before changed, if not every
-- fact took that in. The day all numbers are stated for may move, but not past a session: what makes one valid, an
-- event of nobody who tests and of no robot, is what that day goes by.
{% if is_batch() -%}
with stored_groups as (
    select
        contact_id,
        account_id,
        account_period_id,
        is_staff,
        min(started_on) as first_started_on,
        max(started_on) as last_started_on
    from {{ stored('fct_sessions') }}
    where contact_id is not null
    group by contact_id, account_id, account_period_id, is_staff
),

groups_now as (
    select
        stored_groups.*,
        contacts.account_id as account_id_now,
        {{ is_tester() }} as is_staff_now,
        account_periods.account_period_id as period_of_first_day,
        last_periods.account_period_id as period_of_last_day
    from stored_groups
    left join {{ ref('contacts') }} as contacts
        on stored_groups.contact_id = contacts.contact_id
    {{ join_testers(contact_id='stored_groups.contact_id') }}
    {{ join_account_period('contacts.account_id', 'stored_groups.first_started_on') }}
    left join {{ ref('int_account_periods') }} as last_periods
        on
            contacts.account_id = last_periods.account_id
            and stored_groups.last_started_on >= last_periods.valid_from
            and stored_groups.last_started_on < last_periods.valid_until
),

stale_groups as (
    select
        contact_id,
        account_period_id
    from groups_now
    where
        account_id is distinct from account_id_now
        or is_staff is distinct from is_staff_now
        or account_period_id is distinct from period_of_first_day
        or account_period_id is distinct from period_of_last_day
),

orders_now as (
    {{ orders_of_sessions() }}
),

orders_before as (
    select
        session_id,
        orders,
        net_amount
    from {{ stored('fct_sessions') }}
    where has_order
),

orders_added as (
    select * from orders_now
    except
    select * from orders_before
),

orders_gone as (
    select * from orders_before
    except
    select * from orders_now
),

sessions_with_other_orders as (
    select session_id from orders_added
    union
    select session_id from orders_gone
),

judged as (
    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.started_at
    from {{ ref('int_web_sessions') }} as sessions
    inner join {{ ref('int_web_visitors_touched') }} as touched
        on {{ session_owner('sessions.visitor_id', 'sessions.first_event_id') }} = touched.session_owner_id
    where
        sessions.started_at >= touched.restart_at - interval {{ var('identity_window_days') }} day
        {{ and_not_before(
            'sessions.started_at', 'int_web_visitors_touched', 'restart_at', days_before=var('identity_window_days')
        ) }}

    union all

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.started_at
    from {{ stored('fct_sessions') }} as sessions
    inner join stale_groups
        on
            sessions.contact_id = stale_groups.contact_id
            and coalesce(sessions.account_period_id, '') = coalesce(stale_groups.account_period_id, '')

    union all

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.started_at
    from {{ ref('int_web_sessions') }} as sessions
    where sessions.session_id in (select orders.session_id from sessions_with_other_orders as orders)

    union all

    select
        sessions.session_id,
        sessions.visitor_id,
        sessions.started_at
    from {{ ref('int_web_sessions') }} as sessions
    where
        not {{ is_last_run_whole() }}
        and sessions.session_id in (select changed.session_id from {{ stored('int_sessions_changed') }} as changed)
)

select
    session_id,
    visitor_id,
    min(started_at) as started_at
from judged
group by session_id, visitor_id
{%- else -%}
select
    session_id,
    visitor_id,
    started_at
from {{ ref('int_web_sessions') }}
where 1 = 0
-- depends_on: {{ ref('int_web_visitors_touched') }} {{ ref('contacts') }} {{ ref('int_testers') }}
-- depends_on: {{ ref('int_account_periods') }} {{ ref('int_web_orders_attributed') }} {{ ref('fct_orders') }}
{%- endif %}
