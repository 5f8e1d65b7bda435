-- Grain: one row per open deal whose expected decision is within deal_due_days of as_of or has passed, or that is
-- stale: a work list. Key: opportunity_id. Amounts are additive. Clock: as_of. reason says why it is listed; is_stale
-- that it has been in its stage for longer than nine of ten deals, whatever day it is expected on.
with deals as (
    select * from {{ ref('int_pipeline_deals') }}
    where is_as_of
),

last_contacts as (
    select
        opportunity_id,
        max(occurred_on) as last_contact_on
    from {{ ref('fct_activities') }}
    where is_valid and opportunity_id is not null
    group by opportunity_id
),

deals_due as (
    select
        deals.*,
        accounts.account_name,
        last_contacts.last_contact_on,
        {{ dbt.datediff('deals.snapshot_on', 'deals.expected_close_on', 'day') }} as days_to_close
    from deals
    left join {{ ref('dim_account') }} as accounts
        on deals.account_id = accounts.account_id
    left join last_contacts
        on deals.opportunity_id = last_contacts.opportunity_id
)

select
    opportunity_id,
    account_id,
    account_name,
    rep_id,
    stage,
    amount,
    weighted_amount,
    win_rate as stage_win_rate,
    win_rate_low as stage_win_rate_low,
    win_rate_high as stage_win_rate_high,
    decided_deals,
    win_rate_basis,
    cast(days_to_close as double) as days_to_close,
    cast(days_in_stage as double) as days_in_stage,
    cast(usual_limit_days as double) as usual_limit_days,
    cast({{ dbt.datediff('last_contact_on', 'snapshot_on', 'day') }} as double) as days_since_contact,
    is_overdue,
    is_stale,
    concat_ws(
        ', ',
        case
            when is_overdue then 'expected day has passed'
            when days_to_close <= {{ var('deal_due_days') }} then 'expected within {{ var("deal_due_days") }} days'
        end,
        case when is_stale then 'longer in its stage than usual' end
    ) as reason,
    expected_close_on,
    last_contact_on,
    created_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from deals_due
where
    days_to_close <= {{ var('deal_due_days') }}
    or is_stale
