-- Grain: one row per month, survey type and company size on the day of the answer, company_size all being the total;
-- every month and every group that occurs at all, zero-filled. Key: month_start, survey_type, company_size. Additive
-- over sizes other than all, except rates and nps. Clocks: sent_on for surveys sent and the share answered,
-- responded_on for scores. Of several answers of one person to the same survey within survey_repeat_days the last
-- counts.
with surveys as (
    select
        responses.survey_type,
        coalesce(history.company_size, 'unknown') as company_size,
        responses.score,
        responses.is_answered
        and coalesce(responses.responded_on <= as_of.as_of_on, false) as is_answered,
        responses.is_counted,
        responses.is_valid,
        {{ month_of('coalesce(responses.sent_on, responses.responded_on)') }} as sent_month,
        {{ month_of('responses.responded_on') }} as responded_month
    from {{ ref('fct_survey_responses') }} as responses
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('dim_account_history') }} as history
        on responses.account_period_id = history.account_period_id
),

sent as (
    select
        sent_month as month_start,
        survey_type,
        coalesce(company_size, 'all') as company_size,
        count(*) as surveys_sent,
        count(*) filter (where is_answered) as surveys_answered
    from surveys
    where is_valid
    group by sent_month, survey_type, rollup(company_size)
),

scored as (
    select
        responded_month as month_start,
        survey_type,
        coalesce(company_size, 'all') as company_size,
        count(*) as responses,
        sum(score) as score_total,
        count(*) filter (where survey_type = 'nps' and score >= 9) as promoters,
        count(*) filter (where survey_type = 'nps' and score in (7, 8)) as passives,
        count(*) filter (where survey_type = 'nps' and score <= 6) as detractors,
        count(*) filter (where survey_type <> 'nps' and score >= 4) as top_two_responses
    from surveys
    where is_counted
    group by responded_month, survey_type, rollup(company_size)
),

survey_groups as (
    select
        survey_type,
        company_size
    from sent
    union
    select
        survey_type,
        company_size
    from scored
),

group_months as (
    select
        months.month_start,
        survey_groups.survey_type,
        survey_groups.company_size,
        coalesce(sent.surveys_sent, 0) as surveys_sent,
        coalesce(sent.surveys_answered, 0) as surveys_answered,
        coalesce(scored.responses, 0) as responses,
        coalesce(scored.score_total, 0) as score_total,
        coalesce(scored.promoters, 0) as promoters,
        coalesce(scored.passives, 0) as passives,
        coalesce(scored.detractors, 0) as detractors,
        case when survey_groups.survey_type <> 'nps' then coalesce(scored.top_two_responses, 0) end
            as top_two_responses,
        months.is_complete as is_complete_period
    from {{ ref('int_months') }} as months
    cross join survey_groups
    left join sent
        on
            months.month_start = sent.month_start
            and survey_groups.survey_type = sent.survey_type
            and survey_groups.company_size = sent.company_size
    left join scored
        on
            months.month_start = scored.month_start
            and survey_groups.survey_type = scored.survey_type
            and survey_groups.company_size = scored.company_size
),

group_months_with_nps as (
    select
        *,
        case when survey_type = 'nps' then {{ ratio('promoters - detractors', 'responses') }} end as nps_share,
        case when survey_type = 'nps' then responses end as nps_responses
    from group_months
)

select
    month_start,
    survey_type,
    company_size,
    surveys_sent,
    surveys_answered,
    {{ ratio('surveys_answered', 'surveys_sent') }} as response_rate,
    {{ wilson_bounds('surveys_answered', 'surveys_sent', 'response_rate') }},
    {{ is_reportable('surveys_sent') }} as is_response_rate_reportable,
    responses,
    cast(score_total as bigint) as score_total,
    {{ ratio('score_total', 'responses') }} as mean_score,
    promoters,
    passives,
    detractors,
    100 * nps_share as nps,
    {{ nps_bound('100 * (promoters - detractors)', 'promoters + detractors', 'nps_responses', 'low') }} as nps_low,
    {{ nps_bound('100 * (promoters - detractors)', 'promoters + detractors', 'nps_responses', 'high') }} as nps_high,
    top_two_responses,
    {{ ratio('top_two_responses', 'responses') }} as top_two_rate,
    {{ wilson_bound('top_two_responses', 'responses', 'low') }} as top_two_rate_low,
    {{ wilson_bound('top_two_responses', 'responses', 'high') }} as top_two_rate_high,
    {{ is_reportable('responses') }} as is_reportable,
    is_complete_period
from group_months_with_nps
