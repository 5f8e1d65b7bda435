-- Grain: one row per month and kind of page, zeros included. Key: month_start, page_type. Additive, but for visitors,
-- averages, medians and ratios. Clock: started_on of the session, so that entrances are the sessions of the month. A
-- page visit is a stay on one page (int_page_visits).
with months as (
    select * from {{ ref('int_months') }}
),

visits as (
    select * from {{ ref('int_sessions_measured') }}
    where is_valid
),

page_visits as (
    select
        visits.month_start,
        visits.visitor_key,
        visits.is_engaged,
        visits.is_single_interaction,
        page_visits.*
    from {{ ref('int_page_visits') }} as page_visits
    inner join visits
        on page_visits.session_id = visits.session_id
),

page_sums as (
    select
        month_start,
        page_type,
        sum(page_views) as page_views,
        count(*) as page_visits,
        count(distinct visitor_key) as visitors,
        count(*) filter (where page_visit_number = 1) as entrances,
        count(*) filter (where page_visit_number = 1 and not is_engaged) as bounced_entrances,
        count(*) filter (where page_visit_number = 1 and is_single_interaction) as single_interaction_entrances,
        count(*) filter (where is_exit) as exits,
        count(seconds_on_page) as timed_page_visits,
        sum(seconds_on_page) as seconds_on_page,
        sum(cta_clicks) as cta_clicks,
        sum(product_views) as product_views,
        sum(video_plays) as video_plays,
        sum(article_views) as article_views
    from page_visits
    group by month_start, page_type
),

stay_counts as (
    select {{ value_counts('seconds_on_page', ['month_start', 'page_type']) }}
    from page_visits
    where seconds_on_page is not null
    group by month_start, page_type, seconds_on_page
),

stay_medians as (
    select
        month_start,
        page_type,
        {{ quantile_of_counts('seconds_on_page', 0.5) }} as median_seconds_on_page
    from stay_counts
    group by month_start, page_type
),

loads as (
    select
        {{ month_of('session_started_on') }} as month_start,
        coalesce(page_type, 'unknown') as page_type,
        load_time_ms
    from {{ ref('fct_web_events') }}
    where
        is_valid
        and load_time_ms is not null
),

load_counts as (
    select {{ value_counts('load_time_ms', ['month_start', 'page_type']) }}
    from loads
    group by month_start, page_type, load_time_ms
),

load_times as (
    select
        month_start,
        page_type,
        cast(max(rows_of_all) as bigint) as timed_loads,
        {{ quantile_of_counts('load_time_ms', 0.5) }} as median_load_ms,
        {{ quantile_of_counts('load_time_ms', 0.75) }} as p75_load_ms
    from load_counts
    group by month_start, page_type
),

page_types as (
    select page_type from page_sums
    group by page_type
),

month_counts as (
    select
        months.month_start,
        page_types.page_type,
        cast(coalesce(page_sums.page_views, 0) as bigint) as page_views,
        coalesce(page_sums.page_visits, 0) as page_visits,
        coalesce(page_sums.visitors, 0) as visitors,
        coalesce(page_sums.entrances, 0) as entrances,
        coalesce(page_sums.bounced_entrances, 0) as bounced_entrances,
        coalesce(page_sums.single_interaction_entrances, 0) as single_interaction_entrances,
        coalesce(page_sums.exits, 0) as exits,
        coalesce(page_sums.timed_page_visits, 0) as timed_page_visits,
        cast(coalesce(page_sums.seconds_on_page, 0) as bigint) as seconds_on_page,
        cast(coalesce(page_sums.cta_clicks, 0) as bigint) as cta_clicks,
        cast(coalesce(page_sums.product_views, 0) as bigint) as product_views,
        cast(coalesce(page_sums.video_plays, 0) as bigint) as video_plays,
        cast(coalesce(page_sums.article_views, 0) as bigint) as article_views,
        coalesce(load_times.timed_loads, 0) as timed_loads,
        stay_medians.median_seconds_on_page,
        load_times.median_load_ms,
        load_times.p75_load_ms,
        months.is_complete as is_complete_period
    from months
    cross join page_types
    left join page_sums
        on
            months.month_start = page_sums.month_start
            and page_types.page_type = page_sums.page_type
    left join stay_medians
        on
            months.month_start = stay_medians.month_start
            and page_types.page_type = stay_medians.page_type
    left join load_times
        on
            months.month_start = load_times.month_start
            and page_types.page_type = load_times.page_type
)

select
    month_start,
    page_type,
    page_views,
    page_visits,
    visitors,
    entrances,
    bounced_entrances,
    single_interaction_entrances,
    exits,
    timed_page_visits,
    seconds_on_page,
    timed_loads,
    cta_clicks,
    product_views,
    video_plays,
    article_views,
    cta_clicks + product_views + video_plays + article_views as content_interactions,
    {{ ratio('seconds_on_page', 'timed_page_visits') }} as average_seconds_on_page,
    median_seconds_on_page,
    median_load_ms,
    p75_load_ms,
    {{ ratio('exits', 'page_visits') }} as exit_rate,
    {{ wilson_bounds('exits', 'page_visits', 'exit_rate') }},
    {{ ratio('bounced_entrances', 'entrances') }} as bounce_rate,
    {{ wilson_bounds('bounced_entrances', 'entrances', 'bounce_rate') }},
    {{ ratio('single_interaction_entrances', 'entrances') }} as bounce_rate_ua,
    {{ wilson_bounds('single_interaction_entrances', 'entrances', 'bounce_rate_ua') }},
    {{ is_reportable('entrances') }} as is_bounce_rate_reportable,
    {{ is_reportable('page_visits') }} as is_reportable,
    is_complete_period
from month_counts
