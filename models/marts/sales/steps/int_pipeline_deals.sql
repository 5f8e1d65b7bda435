-- Grain: one row per day of int_pipeline_days and deal open at its end. Key: snapshot_on, opportunity_id. Amounts add
-- up over the deals of one day, never over days. The stage is the one the deal was in that day; today's stage, which
-- the CRM may know without a history, only tells the last day. A deal is weighted with the share of deals won that
-- passed its stage before (int_stage_odds), with that of all deals where these are too few, and not at all where all
-- are too few.
with days as (
    select * from {{ ref('int_pipeline_days') }}
),

deals as (
    select * from {{ ref('fct_opportunities') }}
    where is_valid
),

odds as (
    select * from {{ ref('int_stage_odds') }}
),

open_deals as (
    select
        days.snapshot_on,
        days.month_start,
        days.next_quarter_start,
        days.is_as_of,
        deals.opportunity_id,
        deals.account_id,
        deals.account_period_id,
        coalesce(deals.rep_id, 'unknown') as rep_id,
        deals.stage as latest_stage,
        deals.amount,
        deals.expected_close_on,
        deals.created_on
    from days
    inner join deals
        on
            days.snapshot_on >= deals.created_on
            and (deals.closed_on is null or days.snapshot_on < deals.closed_on)
),

stages_then as (
    select
        open_deals.snapshot_on,
        open_deals.opportunity_id,
        max_by(stages.stage, stages.stage_number) as stage,
        max_by(stages.entered_on, stages.stage_number) as entered_on
    from open_deals
    inner join {{ ref('fct_opportunity_stages') }} as stages
        on
            open_deals.opportunity_id = stages.opportunity_id
            and open_deals.snapshot_on >= stages.entered_on
    inner join deals
        on open_deals.opportunity_id = deals.opportunity_id
    -- the stage that is the decision has no end
    where stages.left_at is not null or deals.outcome = 'open'
    group by open_deals.snapshot_on, open_deals.opportunity_id
),

deals_with_stage as (
    select
        open_deals.*,
        coalesce(
            stages_then.stage, case when open_deals.is_as_of then open_deals.latest_stage end, 'unknown'
        ) as stage,
        {{ dbt.datediff(
            'coalesce(stages_then.entered_on, open_deals.created_on)', 'open_deals.snapshot_on', 'day'
        ) }} as days_in_stage
    from open_deals
    left join stages_then
        on
            open_deals.snapshot_on = stages_then.snapshot_on
            and open_deals.opportunity_id = stages_then.opportunity_id
),

deals_with_odds as (
    select
        deals.*,
        case
            when {{ is_reportable('by_stage.decided_deals') }} then 'stage'
            when {{ is_reportable('overall.decided_deals') }} then 'all'
            else 'none'
        end as win_rate_basis,
        {% for column in ['decided_deals', 'win_rate', 'win_rate_low', 'win_rate_high'] -%}
        case
            when {{ is_reportable('by_stage.decided_deals') }} then by_stage.{{ column }}
            when {{ is_reportable('overall.decided_deals') }} then overall.{{ column }}
        end as {{ column }},
        {% endfor -%}
        case
            when {{ is_reportable('by_stage.stays') }} then by_stage.p90_days
            else {{ var('stale_after_days') }}
        end as usual_limit_days
    from deals_with_stage as deals
    left join odds as by_stage
        on
            deals.snapshot_on = by_stage.snapshot_on
            and deals.stage = by_stage.stage
    left join odds as overall
        on
            deals.snapshot_on = overall.snapshot_on
            and overall.stage = 'all'
)

select
    snapshot_on,
    month_start,
    opportunity_id,
    account_id,
    account_period_id,
    rep_id,
    stage,
    amount,
    cast(cast(amount as double) * win_rate as decimal(18, 4)) as weighted_amount,
    win_rate,
    win_rate_low,
    win_rate_high,
    decided_deals,
    win_rate_basis,
    days_in_stage,
    usual_limit_days,
    days_in_stage > usual_limit_days as is_stale,
    coalesce(expected_close_on < snapshot_on, false) as is_overdue,
    coalesce(expected_close_on >= snapshot_on and expected_close_on < next_quarter_start, false) as is_due_in_quarter,
    is_as_of,
    expected_close_on,
    created_on
from deals_with_odds
