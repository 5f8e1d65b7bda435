-- Grain: one row per event of an e-mail. Key: email_event_id. Additive; unique openers and clickers are counted over
-- message_id. Clock: occurred_on. Opens and clicks of mail programs and scanners are flagged, not dropped.
select
    emails.email_event_id,
    coalesce(emails.message_id, concat_ws('|', emails.campaign_id, emails.contact_id)) as message_id,
    emails.campaign_id,
    emails.contact_id,
    contacts.account_id,
    account_periods.account_period_id,
    emails.event_name,
    coalesce(emails.is_machine, false) as is_machine,
    {{ counts_on(local_date('emails.occurred_at')) }} as is_valid,
    {{ local_date('emails.occurred_at') }} as occurred_on,
    emails.occurred_at
from {{ ref('email_events') }} as emails
left join {{ ref('contacts') }} as contacts
    on emails.contact_id = contacts.contact_id
{{ join_account_and_as_of('contacts.account_id', 'emails.contact_id') }}
{{ join_account_period('contacts.account_id', local_date('emails.occurred_at')) }}
