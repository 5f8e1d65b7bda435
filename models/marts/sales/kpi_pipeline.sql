-- Grain: one row per day (the end of each month up to as_of, and as_of), stage and rep with open deals. Key:
-- snapshot_on, stage, rep_id. Semi-additive: over stages and reps, never over days. Clock: snapshot_on; deals and
-- stages as they were that day, so that a past row never changes. A deal without an amount counts as a deal of 0.
with deals as (
    select * from {{ ref('int_pipeline_deals') }}
)

select
    snapshot_on,
    month_start,
    stage,
    rep_id,
    count(*) as open_deals,
    count(amount) as deals_with_amount,
    count(*) filter (where is_stale) as stale_deals,
    count(*) filter (where is_overdue) as overdue_deals,
    cast(coalesce(sum(amount), 0) as decimal(18, 4)) as open_amount,
    case
        when count(win_rate) > 0 then cast(coalesce(sum(weighted_amount), 0) as decimal(18, 4))
    end as weighted_amount,
    cast(coalesce(sum(amount) filter (where is_stale), 0) as decimal(18, 4)) as stale_amount,
    max(win_rate) as stage_win_rate,
    max(win_rate_low) as stage_win_rate_low,
    max(win_rate_high) as stage_win_rate_high,
    max(decided_deals) as decided_deals,
    max(win_rate_basis) as win_rate_basis,
    median(cast(days_in_stage as double)) as median_days_in_stage,
    is_as_of
from deals
group by snapshot_on, month_start, stage, rep_id, is_as_of
