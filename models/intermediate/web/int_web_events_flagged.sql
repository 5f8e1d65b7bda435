-- Grain: one row per web event. Key: event_id. The one place that says which traffic is a robot's, and where an event
-- came from: a click id of an advertiser, else utm parameters, else the referring host, else nowhere (direct, empty).
-- What the tracker itself recorded counts as utm, before the parameters of the address. View, because it only adds
-- columns to the events, and each reader computes only those that it reads. event_key is the row's number.
{{ config(materialized='view') }}
{% set own_host = var('own_host').lower().removeprefix('www.') %}
{% set scheme = '[a-z][a-z0-9+.-]*:' %}
{% set host = '(?:www[.])?([^/?#:]+)(?::[0-9]+)?(?:[/?#]|$)' %}

with events as (
    select
        *,
        -- most addresses have no parameters, and need no search for one
        case when page_url like '%=%' then page_url end as tagged_url
    from {{ ref('screened_web_events') }}
    where row_outcome = 'accepted'
),

parameters as (
    select
        *,
        lower({{ url_part('tagged_url', '[?&](gclid|gbraid|wbraid|msclkid|fbclid|li_fat_id)=[^&#]') }}) as click_id,
        {{ url_parameter('tagged_url', 'utm_source') }} as url_source,
        {{ url_parameter('tagged_url', 'utm_medium') }} as url_medium,
        {{ url_parameter('tagged_url', 'utm_campaign') }} as url_campaign,
        {{ url_parameter('tagged_url', 'utm_term') }} as url_keyword,
        lower({{ url_part('page_url', '^' ~ scheme ~ '//' ~ host) }}) as page_host,
        lower({{ url_part('referrer', '^(?:(?:' ~ scheme ~ ')?//)?' ~ host) }}) as referrer_host
    from events
),

origins as (
    select
        *,
        lower(coalesce({{ tracker_value('source') }}, {{ tracker_value('url_source') }})) as utm_source,
        lower(coalesce({{ tracker_value('medium') }}, {{ tracker_value('url_medium') }})) as utm_medium,
        coalesce({{ tracker_value('campaign') }}, {{ tracker_value('url_campaign') }}) as traffic_campaign,
        coalesce({{ tracker_value('keyword') }}, {{ tracker_value('url_keyword') }}) as traffic_keyword,
        case
            when referrer_host = page_host then null
            {% if own_host -%}
            when referrer_host = '{{ own_host }}' or referrer_host like '%.{{ own_host }}' then null
            {% endif -%}
            else referrer_host
        end as referring_host
    from parameters
),

origins_with_engine as (
    select
        *,
        -- not its mail, documents or apps: only a country or the search itself may stand before the engine's name
        {{ url_part(
            'referring_host', '^(?:(?:[a-z]{1,2}|search|images)[.])*(' ~ var('search_engines') | join('|') ~ ')[.]'
        ) }} as search_engine
    from origins
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
from origins_with_engine
