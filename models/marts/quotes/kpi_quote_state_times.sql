-- Grain: one row per state of quotes and period: each month in which the state was entered, and all of them (period =
-- all). Key: state, period. Counts are additive over months, medians are not. Clock: entered_on. Hours are those of
-- stays that have ended; the ones that last are counted apart and make the times of recent months look short, so that
-- a month with open stays is not complete. States that end a quote last for ever and are left out, as are withdrawn
-- quotes.
with states as (
    select
        states.*,
        as_of.as_of_on
    from {{ ref('fct_quote_states') }} as states
    cross join {{ ref('int_as_of') }} as as_of
    where states.is_valid and not states.is_final
),

states_by_period as (
    select
        *,
        'all' as period,
        cast(null as date) as month_start
    from states
    union all
    select
        *,
        cast({{ month_of('entered_on') }} as varchar) as period,
        {{ month_of('entered_on') }} as month_start
    from states
),

times as (
    select
        state,
        period,
        month_start,
        count(*) as entries,
        count(hours_in_state) as ended_entries,
        count(*) - count(hours_in_state) as open_entries,
        {{ stable_sum('hours_in_state') }} as total_hours,
        {{ median_and_p90('hours_in_state', 'hours') }},
        max(case when hours_in_state is null then {{ dbt.datediff('entered_on', 'as_of_on', 'day') }} end)
            as longest_open_days
    from states_by_period
    group by state, period, month_start
)

select
    times.state,
    times.period,
    times.month_start,
    times.entries,
    times.ended_entries,
    times.open_entries,
    times.total_hours,
    times.median_hours,
    times.p90_hours,
    cast(times.longest_open_days as double) as longest_open_days,
    {{ is_reportable('times.ended_entries') }} as is_reportable,
    coalesce(months.is_complete, false) and times.open_entries = 0 as is_complete_period
from times
left join {{ ref('int_months') }} as months
    on times.month_start = months.month_start
