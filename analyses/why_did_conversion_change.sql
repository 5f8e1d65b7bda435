-- Why did session conversion rise or fall in the last complete month? Either visitors came from other sources (mix),
-- or those of a source bought more or less often (rate). For each source: by_mix = change of its share of sessions x
-- (its rate before - the rate of all before); by_rate = its share now x change of its rate. Both add up, over the
-- sources, to the change of the rate of all.
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
            as previous_conversions
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
)

select
    source,
    medium,
    sessions,
    previous_sessions,
    round(100 * rate, 2) as conversion_percent,
    round(100 * previous_rate, 2) as previous_conversion_percent,
    round(100 * (share - previous_share) * (coalesce(previous_rate, rate, 0) - previous_rate_of_all), 3)
        as by_mix_points,
    round(100 * share * (coalesce(rate, previous_rate, 0) - coalesce(previous_rate, rate, 0)), 3) as by_rate_points
from rates
order by abs(coalesce(rate, 0) * share - coalesce(previous_rate, 0) * previous_share) desc, source asc, medium asc
