-- Grain: one row per month, keyword and kind of landing page that occur together. Key: month_start, keyword,
-- landing_page_type. Additive, but for visitors and ratios. Clock: started_on. Keyword unknown: the session came
-- without one, as most organic and all direct sessions do. What search engines say of keywords is in
-- kpi_search_performance: their clicks are no sessions of ours.
with visit_sums as (
    select
        month_start,
        keyword,
        landing_page_type,
        count(distinct visitor_key) as visitors,
        {{ session_counts() }}
    from {{ ref('int_sessions_measured') }}
    where is_valid
    group by month_start, keyword, landing_page_type
)

select
    visit_sums.month_start,
    visit_sums.keyword,
    visit_sums.landing_page_type,
    visit_sums.visitors,
    visit_sums.sessions,
    visit_sums.engaged_sessions,
    visit_sums.bounced_sessions,
    visit_sums.single_interaction_sessions,
    visit_sums.sessions_with_order,
    {{ session_rates() }},
    {{ is_reportable('visit_sums.sessions') }} as is_reportable,
    months.is_complete as is_complete_period
from visit_sums
inner join {{ ref('int_months') }} as months
    on visit_sums.month_start = months.month_start
