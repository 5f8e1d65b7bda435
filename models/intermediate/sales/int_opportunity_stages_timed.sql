-- Grain: one row per stage that a deal entered until as_of, in order. Key: opportunity_stage_id. Clock: when it was
-- entered. A stage lasts until the next one or the decision; the stage of an open deal still lasts.
with stages as (
    select
        stages.*,
        opportunities.closed_at,
        row_number() over (
            partition by stages.opportunity_id order by stages.entered_at, stages.opportunity_stage_id
        ) as stage_number,
        lead(stages.entered_at) over (
            partition by stages.opportunity_id order by stages.entered_at, stages.opportunity_stage_id
        ) as next_entered_at
    from {{ ref('opportunity_stages') }} as stages
    inner join {{ ref('int_opportunities_judged') }} as opportunities
        on stages.opportunity_id = opportunities.opportunity_id
    cross join {{ ref('int_as_of') }} as as_of
    where {{ local_date('stages.entered_at') }} <= as_of.as_of_on
),

stages_with_end as (
    select
        *,
        coalesce(next_entered_at, case when closed_at > entered_at then closed_at end) as left_at
    from stages
)

select
    opportunity_stage_id,
    opportunity_id,
    stage_number,
    stage,
    next_entered_at is null as is_last,
    {{ hours_between('entered_at', 'left_at') }} / 24 as days_in_stage,
    entered_at,
    left_at
from stages_with_end
