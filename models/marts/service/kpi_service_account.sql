-- Grain: one row per account that asked something or answered an NPS survey, testers left out. Key: account_id.
-- Additive over accounts, except medians, scores and rates. As of the last day of data, all to date. `reason` says
-- what needs attention, and is empty where nothing does: detractor (its NPS), late_answers (at least half of three or
-- more due first answers came late or not at all), waiting (an inquiry without an answer).
with inquiries as (
    select
        account_id,
        count(*) as inquiries,
        count(*) filter (where topic = 'complaint') as complaints,
        count(*) filter (where not is_answered) as unanswered_inquiries,
        count(*) filter (where is_due) as due_inquiries,
        count(*) filter (where is_answered_in_time) as answered_in_time_inquiries,
        median(response_hours) as response_median_hours,
        max(response_hours) as response_longest_hours,
        max(created_on) as last_inquiry_on
    from {{ ref('int_inquiries_timed') }}
    where account_id is not null
    group by account_id
),

current_losses as (
    select account_id
    from {{ ref('int_account_losses') }}
    where won_back_on is null
),

accounts as (
    select
        accounts.account_id,
        accounts.account_name,
        coalesce(accounts.company_size, 'unknown') as company_size,
        accounts.owner_rep_id,
        coalesce(inquiries.inquiries, 0) as inquiries,
        coalesce(inquiries.complaints, 0) as complaints,
        coalesce(inquiries.unanswered_inquiries, 0) as unanswered_inquiries,
        coalesce(inquiries.due_inquiries, 0) as due_inquiries,
        coalesce(inquiries.answered_in_time_inquiries, 0) as answered_in_time_inquiries,
        inquiries.response_median_hours,
        inquiries.response_longest_hours,
        coalesce(account_nps.respondents, 0) as nps_respondents,
        account_nps.mean_score as nps_mean_score,
        coalesce(account_nps.nps_class, 'no_answer') as nps_class,
        current_losses.account_id is not null as is_lost,
        inquiries.last_inquiry_on,
        account_nps.last_responded_on as last_nps_on
    from {{ ref('dim_account') }} as accounts
    left join inquiries
        on accounts.account_id = inquiries.account_id
    left join {{ ref('int_account_nps') }} as account_nps
        on accounts.account_id = account_nps.account_id
    left join current_losses
        on accounts.account_id = current_losses.account_id
    where
        not accounts.is_test
        and (inquiries.account_id is not null or account_nps.account_id is not null)
)

select
    account_id,
    account_name,
    company_size,
    owner_rep_id,
    inquiries,
    complaints,
    unanswered_inquiries,
    due_inquiries,
    answered_in_time_inquiries,
    {{ ratio('answered_in_time_inquiries', 'due_inquiries') }} as sla_hit_rate,
    {{ wilson_bounds('answered_in_time_inquiries', 'due_inquiries', 'sla_hit_rate') }},
    {{ is_reportable('due_inquiries') }} as is_reportable,
    response_median_hours,
    response_longest_hours,
    nps_respondents,
    nps_mean_score,
    nps_class,
    nullif(
        concat_ws(
            ', ',
            case when nps_class = 'detractor' then 'detractor' end,
            case when due_inquiries >= 3 and 2 * answered_in_time_inquiries <= due_inquiries then 'late_answers' end,
            case when unanswered_inquiries > 0 then 'waiting' end
        ),
        ''
    ) as reason,
    is_lost,
    last_inquiry_on,
    last_nps_on
from accounts
