-- Grain: one row per person asked. Key: response_id. Additive; of several answers of one person to the same survey
-- within survey_repeat_days only the last is_counted. Clock: responded_on.
with responses as (
    select
        responses.*,
        {{ local_date('responses.sent_at') }} as sent_on,
        {{ local_date('responses.responded_at') }} as responded_on,
        -- somebody without a name answers for themselves
        lead(responses.responded_at) over (
            partition by
                responses.survey_type,
                coalesce(responses.contact_id, responses.response_id),
                responses.score is not null and responses.responded_at is not null
            order by responses.responded_at, responses.response_id
        ) as next_responded_at
    from {{ ref('survey_responses') }} as responses
)

select
    responses.response_id,
    responses.account_id,
    account_periods.account_period_id,
    responses.contact_id,
    responses.inquiry_id,
    responses.survey_type,
    responses.score,
    responses.score is not null and responses.responded_at is not null as is_answered,
    responses.score is not null
    and responses.responded_at is not null
    and {{ counts_on('responses.responded_on') }}
    and coalesce(
        responses.next_responded_at > responses.responded_at + interval {{ var('survey_repeat_days') }} day, true
    ) as is_counted,
    {{ counts_on('coalesce(responses.sent_on, responses.responded_on)') }} as is_valid,
    responses.sent_on,
    responses.responded_on,
    responses.sent_at,
    responses.responded_at
from responses
{{ join_account_and_as_of('responses.account_id', 'responses.contact_id') }}
{{ join_account_period('responses.account_id', 'coalesce(responses.responded_on, responses.sent_on)') }}
