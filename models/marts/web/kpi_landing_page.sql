-- Grain: one row per month and page that sessions began on. Key: month_start, landing_page, landing_page_type.
-- Additive, but for visitors and ratios. Clock: started_on. The page is the address without its parameters.
with visit_sums as (
    select
        month_start,
        landing_page,
        landing_page_type,
        count(distinct visitor_key) as visitors,
        {{ session_counts() }},
        sum(page_views) as page_views,
        sum(duration_seconds) as duration_seconds
    from {{ ref('int_sessions_measured') }}
    where is_valid
    group by month_start, landing_page, landing_page_type
)

select
    visit_sums.month_start,
    visit_sums.landing_page,
    visit_sums.landing_page_type,
    visit_sums.visitors,
    visit_sums.sessions,
    visit_sums.engaged_sessions,
    visit_sums.bounced_sessions,
    visit_sums.single_interaction_sessions,
    visit_sums.sessions_with_order,
    cast(visit_sums.page_views as bigint) as page_views,
    cast(visit_sums.duration_seconds as bigint) as duration_seconds,
    {{ ratio('visit_sums.page_views', 'visit_sums.sessions') }} as pages_per_session,
    {{ ratio('visit_sums.duration_seconds', 'visit_sums.sessions') }} as average_duration_seconds,
    {{ session_rates() }},
    {{ is_reportable('visit_sums.sessions') }} as is_reportable,
    months.is_complete as is_complete_period
from visit_sums
inner join {{ ref('int_months') }} as months
    on visit_sums.month_start = months.month_start
