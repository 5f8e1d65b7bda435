-- Grain: one row per inquiry of a customer. Key: inquiry_id. Additive, hours excepted. Clocks: created_on for
-- targets, responded_on for response times, resolved_on for the time to settlement; the last two are empty while it
-- has not happened by as_of. What the seller's own people opened is flagged: nobody waited for
-- an answer.
with inquiries as (
    select
        inquiries.*,
        {{ local_date('inquiries.created_at') }} as created_on,
        coalesce(inquiries.response_target_hours, {{ var('service_response_target_hours') }}) as target_hours
    from {{ ref('inquiries') }} as inquiries
)

select
    inquiries.inquiry_id,
    inquiries.account_id,
    account_periods.account_period_id,
    inquiries.contact_id,
    inquiries.order_id,
    coalesce(inquiries.channel, 'unknown') as channel,
    inquiries.topic,
    inquiries.priority,
    inquiries.target_hours as response_target_hours,
    {{ hours_between('inquiries.created_at', 'inquiries.first_responded_at') }} as response_hours,
    {{ hours_between('inquiries.created_at', 'inquiries.resolved_at') }} as resolution_hours,
    coalesce(inquiries.opened_by = 'agent', false) as is_opened_by_agent,
    {{ counts_on('inquiries.created_on') }} as is_valid,
    inquiries.created_on,
    case
        when {{ local_date('inquiries.first_responded_at') }} <= as_of.as_of_on
            then {{ local_date('inquiries.first_responded_at') }}
    end as responded_on,
    case
        when {{ local_date('inquiries.resolved_at') }} <= as_of.as_of_on
            then {{ local_date('inquiries.resolved_at') }}
    end as resolved_on,
    inquiries.created_at,
    inquiries.first_responded_at,
    inquiries.resolved_at
from inquiries
{{ join_account_and_as_of('inquiries.account_id', 'inquiries.contact_id', 'inquiries.order_id') }}
{{ join_account_period('inquiries.account_id', 'inquiries.created_on') }}
