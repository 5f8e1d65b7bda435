-- Grain: one row per touch between us and a customer or visitor: a web session, an e-mail somebody clicked, a contact
-- with sales, a lead, a request for a quote, an inquiry. Key: touchpoint_id. Additive. Clock: touched_on. Only what
-- counts: no robots, staff or test accounts. Attribution reads the sessions, whose source tells what brought the
-- visitor; a click in an e-mail is followed by a session, and would count twice. Grows: a batch replaces the sessions
-- that changed, and all other touches, which are few.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={
        'replaces': {
            'column': 'session_id', 'model': 'int_sessions_changed', 'key': 'session_id',
            'time': 'touched_on', 'earliest': 'earliest_at', 'or': "touch_type <> 'web_session'"
        }
    }
) }}
-- depends_on: {{ ref('int_sessions_changed') }}
with other_touches as (
    select
        'email_click' as touch_type,
        emails.email_event_id as touch_id,
        emails.account_id,
        emails.contact_id,
        coalesce(campaigns.source, 'email') as source,
        coalesce(campaigns.medium, 'email') as medium,
        campaigns.campaign_name as campaign,
        emails.occurred_at as touched_at
    from {{ ref('fct_email_events') }} as emails
    left join {{ ref('dim_campaign') }} as campaigns
        on emails.campaign_id = campaigns.campaign_id
    where
        emails.is_valid
        and emails.event_name = 'click'
        and not emails.is_machine

    union all

    select
        'sales_activity' as touch_type,
        activity_id as touch_id,
        account_id,
        contact_id,
        'sales' as source,
        activity_type as medium,
        cast(null as varchar) as campaign,
        occurred_at as touched_at
    from {{ ref('fct_activities') }}
    where is_valid

    union all

    select
        'lead' as touch_type,
        leads.lead_id as touch_id,
        leads.account_id,
        leads.contact_id,
        leads.source,
        'lead' as medium,
        campaigns.campaign_name as campaign,
        leads.created_at as touched_at
    from {{ ref('fct_leads') }} as leads
    left join {{ ref('dim_campaign') }} as campaigns
        on leads.campaign_id = campaigns.campaign_id
    where leads.is_valid

    union all

    select
        'quote_request' as touch_type,
        quote_id as touch_id,
        account_id,
        contact_id,
        'quote' as source,
        'quote' as medium,
        cast(null as varchar) as campaign,
        requested_at as touched_at
    from {{ ref('fct_quotes') }}
    where is_valid

    union all

    select
        'inquiry' as touch_type,
        inquiry_id as touch_id,
        account_id,
        contact_id,
        'service' as source,
        channel as medium,
        cast(null as varchar) as campaign,
        created_at as touched_at
    from {{ ref('fct_inquiries') }}
    where is_valid and not is_opened_by_agent
),

touches as (
    -- a session's day and its account's period are known
    select
        'web_session' as touch_type,
        session_id as touch_id,
        account_id,
        account_period_id,
        contact_id,
        visitor_id,
        source,
        medium,
        campaign,
        started_on as touched_on,
        started_at as touched_at
    from {{ ref('fct_sessions') }}
    where is_valid
    {%- if is_batch() %}
        and session_id in (select changed.session_id from {{ ref('int_sessions_changed') }} as changed)
        {{ and_not_before('started_at', 'int_sessions_changed', 'earliest_at') }}
    {%- endif %}

    union all

    select
        other_touches.touch_type,
        other_touches.touch_id,
        other_touches.account_id,
        account_periods.account_period_id,
        other_touches.contact_id,
        cast(null as varchar) as visitor_id,
        other_touches.source,
        other_touches.medium,
        other_touches.campaign,
        {{ local_date('other_touches.touched_at') }} as touched_on,
        other_touches.touched_at
    from other_touches
    {{ join_account_period('other_touches.account_id', local_date('other_touches.touched_at')) }}
)

select
    touch_type || '|' || touch_id as touchpoint_id,
    account_id,
    account_period_id,
    contact_id,
    visitor_id,
    case when touch_type = 'web_session' then touch_id end as session_id,
    touch_type,
    source,
    medium,
    campaign,
    touched_on,
    touched_at
from touches
