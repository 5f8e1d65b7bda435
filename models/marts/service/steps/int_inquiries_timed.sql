-- Grain: one row per inquiry of a customer that counts. Key: inquiry_id. What the seller's own people opened is left
-- out: nobody waited for an answer. What happened after as_of did not: answered later is unanswered yet. The first
-- answer is due response_target_hours after the first message, in calendar hours, and is_due once that day is past or
-- there.
with inquiries as (
    select
        inquiries.*,
        as_of.as_of_on,
        {{ dbt.dateadd('hour', 'inquiries.response_target_hours', 'inquiries.created_at') }} as due_at
    from {{ ref('fct_inquiries') }} as inquiries
    cross join {{ ref('int_as_of') }} as as_of
    where
        inquiries.is_valid
        and not inquiries.is_opened_by_agent
),

inquiries_with_flags as (
    select
        *,
        responded_on is not null as is_answered,
        resolved_on is not null as is_resolved,
        {{ local_date('due_at') }} <= as_of_on as is_due
    from inquiries
)

select
    inquiry_id,
    account_id,
    channel,
    coalesce(topic, 'unknown') as topic,
    is_answered,
    is_resolved,
    is_due,
    is_due and is_answered and first_responded_at <= due_at as is_answered_in_time,
    case when is_answered then response_hours end as response_hours,
    case when is_answered then {{ business_hours_between('created_at', 'first_responded_at') }} end
        as response_business_hours,
    case when is_resolved then resolution_hours end as resolution_hours,
    case when not is_answered then {{ dbt.datediff('created_on', 'as_of_on', 'day') }} end as unanswered_days,
    created_on,
    responded_on,
    resolved_on
from inquiries_with_flags
