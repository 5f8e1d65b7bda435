-- Grain: one row per web event. Key: event_id. The one place that says which traffic is a robot's, and where an event
-- came from: a click id of an advertiser, else utm parameters, else the referring host, else nowhere (direct, empty).
-- What the tracker itself recorded as source and medium counts as utm. View, because it only adds columns to the raw
-- events, which are scanned once.
{{ config(materialized='view') }}

with events as (
    select
        *,
        {{ url_part('page_url', '[?&](gclid|gbraid|wbraid|msclkid|fbclid|li_fat_id)=') }} as click_id,
        coalesce(lower(source), {{ url_part('page_url', '[?&]utm_source=([^&#]*)') }}) as utm_source,
        coalesce(lower(medium), {{ url_part('page_url', '[?&]utm_medium=([^&#]*)') }}) as utm_medium,
        nullif(
            {{ url_part('referrer', '^(?:[a-z]+://)?(?:www[.])?([^/?#:]+)') }}, '{{ var("own_host") }}'
        ) as referring_host
    from {{ ref('web_events') }}
),

events_with_engine as (
    select
        *,
        {{ url_part('referring_host', '(?:^|[.])(' ~ var('search_engines') | join('|') ~ ')[.]') }} as search_engine
    from events
)

select
    *,
    case
        when click_id in ('gclid', 'gbraid', 'wbraid') then 'google'
        when click_id = 'msclkid' then 'bing'
        when click_id = 'fbclid' then 'facebook'
        when click_id = 'li_fat_id' then 'linkedin'
        else coalesce(utm_source, search_engine, referring_host)
    end as traffic_source,
    case
        when click_id is not null then 'cpc'
        when utm_source is not null then coalesce(utm_medium, 'unknown')
        when search_engine is not null then 'organic'
        when referring_host is not null then 'referral'
    end as traffic_medium,
    coalesce(is_bot, false)
    or coalesce({{ matches_pattern('lower(user_agent)', var('bot_user_agent_pattern')) }}, false) as is_robot
from events_with_engine
