-- Grain: one row per account with an NPS answer. Key: account_id. The account's NPS is the mean of its respondents,
-- each with the latest answer that counts; people without a name answer for themselves. Classes: promoter from 9 on,
-- passive from 7 on, detractor below, so that a mean between two classes belongs to the lower one.
with answers as (
    select
        account_id,
        score,
        responded_on,
        row_number() over (
            partition by account_id, coalesce(contact_id, response_id)
            order by responded_at desc, response_id desc
        ) as answer_number
    from {{ ref('fct_survey_responses') }}
    where
        is_counted
        and survey_type = 'nps'
        and account_id is not null
),

accounts as (
    select
        account_id,
        count(*) as respondents,
        sum(score) as score_total,
        {{ ratio('sum(score)', 'count(*)') }} as mean_score,
        max(responded_on) as last_responded_on
    from answers
    where answer_number = 1
    group by account_id
)

select
    account_id,
    respondents,
    score_total,
    mean_score,
    case
        when mean_score >= 9 then 'promoter'
        when mean_score >= 7 then 'passive'
        else 'detractor'
    end as nps_class,
    last_responded_on
from accounts
