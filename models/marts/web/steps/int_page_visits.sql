-- Grain: one row per stay of a session on one page. Key: session_id, page_visit_number. Additive. Clock: that of the
-- session. What readers do on a page is reported as events of that page: consecutive events on one page are one stay,
-- and the time of a stay runs to the first event on another page. Of the last page of a session it is known to the
-- last event only, or not at all. The seconds of all stays add up to the duration of the session.
with events as (
    select
        event_id,
        session_id,
        event_number,
        event_name,
        coalesce(page_type, 'unknown') as page_type,
        {{ page_path('page_url') }} as page,
        seconds_to_next_event
    from {{ ref('fct_web_events') }}
),

events_with_previous_page as (
    select
        *,
        lag(page_type) over (partition by session_id order by event_number) as previous_page_type,
        lag(page) over (partition by session_id order by event_number) as previous_page
    from events
),

numbered_events as (
    select
        *,
        sum(
            case when page_type = previous_page_type and page = previous_page then 0 else 1 end
        ) over (
            partition by session_id
            order by event_number
            rows between unbounded preceding and current row
        ) as page_visit_number
    from events_with_previous_page
)

select
    session_id,
    cast(page_visit_number as bigint) as page_visit_number,
    page_type,
    page,
    count(*) filter (where event_name = 'page_view') as page_views,
    count(*) filter (where event_name = 'cta_click') as cta_clicks,
    count(*) filter (where event_name = 'product_view') as product_views,
    count(*) filter (where event_name = 'video_play') as video_plays,
    count(*) filter (where event_name = 'page_view' and page_type = 'article') as article_views,
    cast(sum(seconds_to_next_event) as bigint) as seconds_on_page,
    -- only the last event of a session is followed by none
    bool_or(seconds_to_next_event is null) as is_exit
from numbered_events
group by session_id, page_visit_number, page_type, page
