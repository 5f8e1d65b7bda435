-- Why did session conversion rise or fall in the last complete month? Either visitors came from other sources (mix),
-- or those of a source bought more or less often (rate). For each source: by_mix = change of its share of sessions x
-- (its rate before - the rate of all before); by_rate = its share now x change of its rate. Both add up, over the
-- sources, to the change of the rate of all, which is the first row. A change whose old rate lies within the interval
-- (Wilson, 95 %) of the new one may be chance; of a source with few sessions most changes are.
with months as (
    select
        max(month_start) as last_month,
        max(month_start) - interval 1 month as previous_month
    from {{ ref('kpi_source_conversion') }}
    where is_complete_period
),

sources as (
    select
        source,
        medium,
        sum(case when month_start = months.last_month then credited_sessions else 0 end) as sessions,
        sum(case when month_start = months.last_month then credited_sessions_with_order else 0 end) as conversions,
        sum(case when month_start = months.previous_month then credited_sessions else 0 end) as previous_sessions,
        sum(case when month_start = months.previous_month then credited_sessions_with_order else 0 end)
            as previous_conversions,
        max(case when month_start = months.last_month then session_conversion_rate_low end) as rate_low,
        max(case when month_start = months.last_month then session_conversion_rate_high end) as rate_high
    from {{ ref('kpi_source_conversion') }}
    cross join months
    where month_start in (months.last_month, months.previous_month)
    group by source, medium
),

rates as (
    select
        *,
        coalesce(1.0 * sessions / nullif(sum(sessions) over (), 0), 0) as share,
        coalesce(1.0 * previous_sessions / nullif(sum(previous_sessions) over (), 0), 0) as previous_share,
        1.0 * conversions / nullif(sessions, 0) as rate,
        1.0 * previous_conversions / nullif(previous_sessions, 0) as previous_rate,
        1.0 * sum(previous_conversions) over () / nullif(sum(previous_sessions) over (), 0) as previous_rate_of_all
    from sources
),

effects as (
    select
        source || ' / ' || medium as source,
        sessions,
        previous_sessions,
        rate,
        rate_low,
        rate_high,
        previous_rate,
        (share - previous_share) * (coalesce(previous_rate, rate, 0) - previous_rate_of_all) as by_mix,
        share * (coalesce(rate, previous_rate, 0) - coalesce(previous_rate, rate, 0)) as by_rate
    from rates
    union all
    select
        'all' as source,
        sum(sessions) as sessions,
        sum(previous_sessions) as previous_sessions,
        max(board.value) as rate,
        max(board.value_low) as rate_low,
        max(board.value_high) as rate_high,
        max(previous_rate_of_all) as previous_rate,
        sum((share - previous_share) * (coalesce(previous_rate, rate, 0) - previous_rate_of_all)) as by_mix,
        sum(share * (coalesce(rate, previous_rate, 0) - coalesce(previous_rate, rate, 0))) as by_rate
    from rates
    cross join months
    inner join {{ ref('kpi_board') }} as board
        on
            months.last_month = board.month_start
            and board.metric = 'session_conversion_rate'
)

select
    source,
    sessions,
    previous_sessions,
    round(100 * rate, 2) as conversion_percent,
    round(100 * previous_rate, 2) as previous_conversion_percent,
    round(100 * by_mix, 3) as by_mix_points,
    round(100 * by_rate, 3) as by_rate_points,
    case
        when previous_rate is null or rate is null then 'only in one of the months'
        when previous_rate between rate_low and rate_high then 'may be chance'
        else 'more than chance'
    end as verdict
from effects
where sessions > 0 or previous_sessions > 0
order by
    case when source = 'all' then 0 else 1 end asc,
    abs(by_mix + by_rate) desc,
    source asc
