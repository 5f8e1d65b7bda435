-- Grain: one row per day of int_pipeline_days and stage, and one for all deals (stage = all). Key: snapshot_on,
-- stage. How often deals that passed a stage were won, and how long they stayed, as known on that day: what was
-- decided or left later does not count, so that a snapshot never changes afterwards. The probabilities a CRM comes
-- with are not used.
with days as (
    select snapshot_on from {{ ref('int_pipeline_days') }}
),

decided_deals as (
    select
        opportunity_id,
        closed_on,
        outcome = 'won' as is_won
    from {{ ref('fct_opportunities') }}
    where is_valid and closed_on is not null
),

left_stages as (
    select
        opportunity_id,
        stage,
        days_in_stage,
        {{ local_date('left_at') }} as left_on
    from {{ ref('fct_opportunity_stages') }}
    where is_valid and left_at is not null
),

passages as (
    select
        stages.stage,
        deals.opportunity_id,
        deals.closed_on,
        deals.is_won
    from decided_deals as deals
    inner join left_stages as stages
        on deals.opportunity_id = stages.opportunity_id
    group by stages.stage, deals.opportunity_id, deals.closed_on, deals.is_won
    union all
    select
        'all' as stage,
        opportunity_id,
        closed_on,
        is_won
    from decided_deals
),

outcomes as (
    select
        days.snapshot_on,
        passages.stage,
        count(*) as decided_deals,
        count(*) filter (where passages.is_won) as won_deals
    from days
    inner join passages
        on days.snapshot_on >= passages.closed_on
    group by days.snapshot_on, passages.stage
),

stays as (
    select
        days.snapshot_on,
        left_stages.stage,
        count(*) as stays,
        percentile_cont(0.9) within group (order by left_stages.days_in_stage) as p90_days
    from days
    inner join left_stages
        on days.snapshot_on >= left_stages.left_on
    group by days.snapshot_on, left_stages.stage
)

select
    coalesce(outcomes.snapshot_on, stays.snapshot_on) as snapshot_on,
    coalesce(outcomes.stage, stays.stage) as stage,
    coalesce(outcomes.decided_deals, 0) as decided_deals,
    coalesce(outcomes.won_deals, 0) as won_deals,
    {{ ratio('outcomes.won_deals', 'outcomes.decided_deals') }} as win_rate,
    {{ wilson_bounds('outcomes.won_deals', 'outcomes.decided_deals', 'win_rate') }},
    coalesce(stays.stays, 0) as stays,
    stays.p90_days
from outcomes
full join stays
    on
        outcomes.snapshot_on = stays.snapshot_on
        and outcomes.stage = stays.stage
