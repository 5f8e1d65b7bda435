-- Grain: one row per day (the end of each month up to as_of, and as_of) and member: each rep, and all of them
-- (dimension = all). Key: snapshot_on, dimension, member. Semi-additive: over reps, never over days; ratios and
-- velocity not at all. Clock: snapshot_on. Coverage: open deals due by the end of the quarter / what its quota still
-- lacks, the quarter being that of the day after; sales are those of the rep's accounts. Deals whose day has passed
-- are out of it: their date says nothing. Velocity: open deals x average won deal x win rate / average days to win,
-- of the twelve months that end with the day.
with measured as (
    select * from {{ ref('int_pipeline_measured') }}
),

{% set sums = [
    'open_deals', 'stale_deals', 'overdue_deals', 'due_deals', 'weighted_deals', 'decided_deals_12m', 'won_deals_12m',
    'won_cycle_12m_days', 'open_amount', 'weighted_amount', 'due_amount', 'won_12m_amount', 'quota_amount',
    'closed_amount',
] -%}
members as (
    {% for dimension, member in {'all': "'all'", 'rep': 'rep_id'}.items() -%}
    select
        snapshot_on,
        month_start,
        quarter_start,
        is_as_of,
        {% for name in sums -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        '{{ dimension }}' as dimension,
        {{ member }} as member
    from measured
    group by snapshot_on, month_start, quarter_start, is_as_of{{ ', rep_id' if dimension == 'rep' }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

averages as (
    select
        *,
        {{ ratio('won_12m_amount', 'won_deals_12m') }} as average_won_amount,
        {{ ratio('won_deals_12m', 'decided_deals_12m') }} as win_rate,
        {{ ratio('won_cycle_12m_days', 'won_deals_12m') }} as average_cycle_days,
        quota_amount - closed_amount as missing_amount
    from members
)

select
    snapshot_on,
    month_start,
    dimension,
    member,
    quarter_start,
    cast(open_deals as bigint) as open_deals,
    cast(stale_deals as bigint) as stale_deals,
    cast(overdue_deals as bigint) as overdue_deals,
    cast(due_deals as bigint) as due_deals,
    cast(decided_deals_12m as bigint) as decided_deals_12m,
    cast(won_deals_12m as bigint) as won_deals_12m,
    cast(open_amount as decimal(18, 4)) as open_amount,
    -- no odds yet is not the same as nothing to weigh
    case
        when weighted_deals > 0 or open_deals = 0 then cast(weighted_amount as decimal(18, 4))
    end as weighted_amount,
    cast(due_amount as decimal(18, 4)) as due_amount,
    cast(won_12m_amount as decimal(18, 4)) as won_12m_amount,
    cast(quota_amount as decimal(18, 4)) as quota_amount,
    cast(closed_amount as decimal(18, 4)) as closed_amount,
    cast(missing_amount as decimal(18, 4)) as missing_amount,
    case when missing_amount > 0 then {{ ratio('due_amount', 'missing_amount') }} end as coverage_ratio,
    coalesce(missing_amount <= 0, false) as is_quota_met,
    average_won_amount,
    win_rate,
    {{ wilson_bounds('won_deals_12m', 'decided_deals_12m', 'win_rate') }},
    cast(won_cycle_12m_days as double) as won_cycle_12m_days,
    average_cycle_days,
    {{ sales_velocity('open_deals', 'average_won_amount', 'win_rate', 'average_cycle_days') }} as velocity_per_day,
    {{ is_reportable('decided_deals_12m') }} as is_reportable,
    is_as_of
from averages
