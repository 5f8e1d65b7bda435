-- Grain: one row per month, dimension and member (all; company_size, rep), months without deals included. Key:
-- month_start, dimension, member. Additive over months and over the members of one dimension, never over dimensions;
-- rates and medians are not. Two clocks, never in one ratio: closed_on for what was decided in the month, created_on
-- for the columns that begin with cohort_ (what became of the deals opened in it). Closed without a decision is lost.
-- Segment is that of the day the deal was opened. A lost deal often has no amount: the rate by value leaves out deals
-- without one and says how many.
{% set dimensions = {'all': "'all'", 'company_size': 'company_size', 'rep': 'rep_id'} %}
with months as (
    select * from {{ ref('int_months') }}
),

deals as (
    select
        opportunities.opportunity_id,
        opportunities.outcome,
        opportunities.amount,
        coalesce(opportunities.rep_id, 'unknown') as rep_id,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        opportunities.created_on,
        opportunities.closed_on,
        cast({{ dbt.datediff('opportunities.created_on', 'opportunities.closed_on', 'day') }} as double) as cycle_days
    from {{ ref('fct_opportunities') }} as opportunities
    left join {{ ref('dim_account_history') }} as account_periods
        on opportunities.account_period_id = account_periods.account_period_id
    where opportunities.is_valid
),

deals_by_dimension as (
    {% for dimension, member in dimensions.items() -%}
    select
        '{{ dimension }}' as dimension,
        {{ member }} as member,
        outcome,
        amount,
        created_on,
        closed_on,
        cycle_days
    from deals
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

members as (
    select
        dimension,
        member
    from deals_by_dimension
    group by dimension, member
),

decided as (
    select
        {{ month_of('closed_on') }} as month_start,
        dimension,
        member,
        count(*) as decided_deals,
        count(*) filter (where outcome = 'won') as won_deals,
        count(*) filter (where coalesce(amount, 0) = 0) as deals_without_amount,
        sum(amount) as decided_amount,
        sum(amount) filter (where outcome = 'won') as won_amount,
        sum(cycle_days) filter (where outcome = 'won') as won_cycle_days,
        percentile_cont(0.5) within group (order by case when outcome = 'won' then cycle_days end) as median_cycle_days,
        percentile_cont(0.9) within group (order by case when outcome = 'won' then cycle_days end) as p90_cycle_days,
        min(cycle_days) as shortest_cycle_days
    from deals_by_dimension
    where closed_on is not null
    group by {{ month_of('closed_on') }}, dimension, member
),

created as (
    select
        {{ month_of('created_on') }} as month_start,
        dimension,
        member,
        count(*) as cohort_deals,
        count(*) filter (where outcome = 'won') as cohort_won_deals,
        count(*) filter (where outcome = 'open') as cohort_open_deals
    from deals_by_dimension
    group by {{ month_of('created_on') }}, dimension, member
),

cells as (
    select
        months.month_start,
        months.is_complete,
        members.dimension,
        members.member,
        coalesce(decided.decided_deals, 0) as decided_deals,
        coalesce(decided.won_deals, 0) as won_deals,
        coalesce(decided.deals_without_amount, 0) as deals_without_amount,
        coalesce(decided.decided_amount, 0) as decided_amount,
        coalesce(decided.won_amount, 0) as won_amount,
        coalesce(decided.won_cycle_days, 0) as won_cycle_days,
        decided.median_cycle_days,
        decided.p90_cycle_days,
        decided.shortest_cycle_days,
        coalesce(created.cohort_deals, 0) as cohort_deals,
        coalesce(created.cohort_won_deals, 0) as cohort_won_deals,
        coalesce(created.cohort_open_deals, 0) as cohort_open_deals
    from months
    cross join members
    left join decided
        on
            months.month_start = decided.month_start
            and members.dimension = decided.dimension
            and members.member = decided.member
    left join created
        on
            months.month_start = created.month_start
            and members.dimension = created.dimension
            and members.member = created.member
)

select
    month_start,
    dimension,
    member,
    decided_deals,
    won_deals,
    decided_deals - won_deals as lost_deals,
    deals_without_amount,
    cast(decided_amount as decimal(18, 4)) as decided_amount,
    cast(won_amount as decimal(18, 4)) as won_amount,
    {{ ratio('won_deals', 'decided_deals') }} as win_rate,
    {{ wilson_bounds('won_deals', 'decided_deals', 'win_rate') }},
    {{ ratio('won_amount', 'decided_amount') }} as win_value_rate,
    {{ ratio('won_amount', 'won_deals') }} as average_won_amount,
    won_cycle_days,
    {{ ratio('won_cycle_days', 'won_deals') }} as average_cycle_days,
    median_cycle_days,
    p90_cycle_days,
    shortest_cycle_days,
    cohort_deals,
    cohort_won_deals,
    cohort_open_deals,
    {{ ratio('cohort_won_deals', 'cohort_deals') }} as cohort_win_rate,
    {{ wilson_bounds('cohort_won_deals', 'cohort_deals', 'cohort_win_rate') }},
    {{ is_reportable('cohort_deals') }} as is_cohort_win_rate_reportable,
    {{ is_reportable('decided_deals') }} as is_reportable,
    is_complete as is_complete_period,
    is_complete and cohort_open_deals = 0 as is_cohort_complete
from cells
