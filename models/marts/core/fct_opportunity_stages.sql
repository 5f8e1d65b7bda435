-- Grain: one row per stage that a deal entered, also of deals that do not count: KPIs read is_valid only. Key:
-- opportunity_stage_id. Days add up over the stages of a deal. Clock: entered_on.
select
    stages.opportunity_stage_id,
    stages.opportunity_id,
    opportunities.account_id,
    account_periods.account_period_id,
    opportunities.rep_id,
    stages.stage_number,
    stages.stage,
    stages.days_in_stage,
    stages.is_last,
    opportunities.is_valid,
    {{ local_date('stages.entered_at') }} as entered_on,
    stages.entered_at,
    stages.left_at
from {{ ref('int_opportunity_stages_timed') }} as stages
inner join {{ ref('fct_opportunities') }} as opportunities
    on stages.opportunity_id = opportunities.opportunity_id
{{ join_account_period('opportunities.account_id', local_date('stages.entered_at')) }}
