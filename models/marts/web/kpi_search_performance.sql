-- Grain: one row per month and keyword that a search engine reported. Key: month_start, keyword. Additive over months
-- for one keyword; never sum keywords for a total: search engines withhold rare keywords, so the sum falls short.
-- Ratios are not additive. Clock: searched_on, a day of the search engine's own time zone, a few days late.
with search_days as (
    select
        {{ month_of('searches.searched_on') }} as month_start,
        coalesce(searches.keyword, 'unknown') as keyword,
        searches.page_url,
        coalesce(searches.impressions, 0) as impressions,
        coalesce(searches.clicks, 0) as clicks,
        searches.position
    from {{ ref('search_performance') }} as searches
    inner join {{ ref('int_as_of') }} as as_of
        on searches.searched_on <= as_of.as_of_on
),

keyword_sums as (
    select
        month_start,
        keyword,
        count(distinct page_url) as pages,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        -- a row without position weighs nothing, above and below the line
        sum(impressions) filter (where position is not null) as positioned_impressions,
        {{ stable_sum('position * impressions') }} as position_impressions
    from search_days
    group by month_start, keyword
)

select
    keyword_sums.month_start,
    keyword_sums.keyword,
    keyword_sums.pages,
    cast(keyword_sums.impressions as bigint) as impressions,
    cast(keyword_sums.clicks as bigint) as clicks,
    cast(coalesce(keyword_sums.positioned_impressions, 0) as bigint) as positioned_impressions,
    {{ ratio('keyword_sums.clicks', 'keyword_sums.impressions') }} as click_through_rate,
    {{ wilson_bounds('keyword_sums.clicks', 'keyword_sums.impressions', 'click_through_rate') }},
    {{ ratio('keyword_sums.position_impressions', 'keyword_sums.positioned_impressions') }} as average_position,
    {{ is_reportable('keyword_sums.impressions') }} as is_reportable,
    months.is_complete as is_complete_period
from keyword_sums
inner join {{ ref('int_months') }} as months
    on keyword_sums.month_start = months.month_start
