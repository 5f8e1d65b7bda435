-- Grain: one row per session that counts. Key: session_id. What brought it: the marketing channel, and the campaign
-- that its utm_campaign names, by name or by number. Of several campaigns of that name it is the one that ran on the
-- day, then the one begun last.
with sessions as (
    select
        session_id,
        source,
        medium,
        lower(campaign) as campaign_key,
        started_on
    from {{ ref('fct_sessions') }}
    where is_valid
),

campaign_keys as (
    select
        campaign_id,
        lower(campaign_name) as campaign_key
    from {{ ref('dim_campaign') }}
    union
    select
        campaign_id,
        lower(regexp_replace(campaign_id, '^[^:]*:', '')) as campaign_key
    from {{ ref('dim_campaign') }}
),

named_days as (
    select
        campaign_key,
        started_on
    from sessions
    where campaign_key is not null
    group by campaign_key, started_on
),

matched_campaigns as (
    select
        named_days.campaign_key,
        named_days.started_on,
        max_by(
            campaigns.campaign_id,
            concat_ws(
                '|',
                case
                    when
                        named_days.started_on >= coalesce(campaigns.starts_on, {{ beginning() }})
                        and named_days.started_on <= coalesce(campaigns.ends_on, {{ end_of_time() }})
                        then '1'
                    else '0'
                end,
                cast(coalesce(campaigns.starts_on, {{ beginning() }}) as varchar),
                campaigns.campaign_id
            )
        ) as campaign_id
    from named_days
    inner join campaign_keys
        on named_days.campaign_key = campaign_keys.campaign_key
    inner join {{ ref('dim_campaign') }} as campaigns
        on campaign_keys.campaign_id = campaigns.campaign_id
    group by named_days.campaign_key, named_days.started_on
)

select
    sessions.session_id,
    matched_campaigns.campaign_id,
    {{ marketing_channel('sessions.source', 'sessions.medium') }} as channel,
    sessions.started_on
from sessions
left join matched_campaigns
    on
        sessions.campaign_key = matched_campaigns.campaign_key
        and sessions.started_on = matched_campaigns.started_on
