-- Grain: one row per month and stage of the customer's journey, zeros included. Key: month_start, stage. Additive,
-- but for visitors and ratios: a visitor is in every stage that one of the month's sessions was in, and in one of
-- furthest_visitors, that of the furthest stage. Clock: started_on. The rule of the stages is in int_sessions_staged.
with months as (
    select * from {{ ref('int_months') }}
),

sessions as (
    select * from {{ ref('int_sessions_staged') }}
),

stages as (
    {% for stage in ['awareness', 'consideration', 'decision', 'purchase', 'repeat'] -%}
    select
        {{ loop.index }} as stage_number,
        '{{ stage }}' as stage
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

session_sums as (
    select
        month_start,
        stage_number,
        count(*) as sessions,
        count(*) filter (where is_customer) as customer_sessions,
        count(distinct visitor_key) as visitors
    from sessions
    group by month_start, stage_number
),

furthest_stages as (
    select
        month_start,
        visitor_key,
        max(stage_number) as stage_number
    from sessions
    group by month_start, visitor_key
),

furthest_sums as (
    select
        month_start,
        stage_number,
        count(*) as furthest_visitors
    from furthest_stages
    group by month_start, stage_number
),

month_totals as (
    select
        month_start,
        count(*) as month_sessions
    from sessions
    group by month_start
)

select
    months.month_start,
    stages.stage,
    stages.stage_number,
    coalesce(session_sums.sessions, 0) as sessions,
    month_totals.month_sessions,
    coalesce(session_sums.customer_sessions, 0) as customer_sessions,
    coalesce(session_sums.visitors, 0) as visitors,
    coalesce(furthest_sums.furthest_visitors, 0) as furthest_visitors,
    {{ ratio('coalesce(session_sums.sessions, 0)', 'month_totals.month_sessions') }} as session_share_rate,
    {{ wilson_bounds('coalesce(session_sums.sessions, 0)', 'month_totals.month_sessions', 'session_share_rate') }},
    {{ is_reportable('month_totals.month_sessions') }} as is_reportable,
    months.is_complete as is_complete_period
from months
-- a month without sessions has no journeys; a company without tracker has none at all
inner join month_totals
    on months.month_start = month_totals.month_start
cross join stages
left join session_sums
    on
        months.month_start = session_sums.month_start
        and stages.stage_number = session_sums.stage_number
left join furthest_sums
    on
        months.month_start = furthest_sums.month_start
        and stages.stage_number = furthest_sums.stage_number
