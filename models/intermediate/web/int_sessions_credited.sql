-- Grain: one row per session that a source can be named for. Key: session_id. What a conversion in the session is
-- credited to: the last source that was not direct, its own or that of an earlier session of the same visitor that
-- started at most source_lookback_days before. People come back by bookmark to buy; the bookmark brought nobody. In a
-- batch, of the visitors it judges.
with sessions as (
    select
        session_id,
        visitor_id,
        source,
        medium,
        campaign,
        keyword,
        started_at
    from {{ ref('int_web_sessions') }}
    {%- if is_batch() %}
    where
        coalesce(visitor_id, session_id) in (
            select coalesce(judged.visitor_id, judged.session_id) from {{ ref('int_sessions_to_judge') }} as judged
        )
        {{ and_not_before(
            'started_at', 'int_sessions_to_judge', 'started_at', days_before=var('source_lookback_days')
        ) }}
    {%- else %}
    -- depends_on: {{ ref('int_sessions_to_judge') }}
    {%- endif %}
),

sessions_carried as (
    select
        session_id,
        started_at,
        {{ last_known('case when source is not null then session_id end') }} over (
            partition by coalesce(visitor_id, session_id)
            order by started_at, session_id
            rows between unbounded preceding and current row
        ) as source_session_id
    from sessions
)

select
    sessions_carried.session_id,
    sources.session_id as source_session_id,
    sources.source,
    sources.medium,
    sources.campaign,
    sources.keyword
from sessions_carried
inner join sessions as sources
    on sessions_carried.source_session_id = sources.session_id
where sources.started_at >= sessions_carried.started_at - interval {{ var('source_lookback_days') }} day
