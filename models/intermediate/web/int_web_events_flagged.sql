-- Grain: one row per web event. Key: event_id. The one place that says which traffic is a robot's or our own staff's:
-- a robot by the tracker's word or by its user agent, staff by the account of the person logged in. View, because it
-- only adds two flags to the raw events, which are scanned once.
{{ config(materialized='view') }}

select
    events.*,
    contacts.account_id,
    coalesce(events.is_bot, false)
    or coalesce({{ matches_pattern('lower(events.user_agent)', var('bot_user_agent_pattern')) }}, false) as is_robot,
    coalesce(accounts.is_test, false) as is_staff
from {{ ref('web_events') }} as events
left join {{ ref('contacts') }} as contacts
    on events.contact_id = contacts.contact_id
left join {{ ref('accounts') }} as accounts
    on contacts.account_id = accounts.account_id
