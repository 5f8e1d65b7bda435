-- Grain: one row per session that a source can be named for. Key: session_id. What a conversion in the session is
-- credited to: the last source that was not direct, its own or that of an earlier session of the same visitor that
-- started at most source_lookback_days before. People come back by bookmark to buy; the bookmark brought nobody.
with sessions_carried as (
    select
        session_id,
        started_at,
        {{ last_known('case when source is not null then session_id end') }} over (
            partition by coalesce(visitor_id, session_id)
            order by started_at, session_id
            rows between unbounded preceding and current row
        ) as source_session_id
    from {{ ref('int_web_sessions') }}
)

select
    sessions.session_id,
    sources.session_id as source_session_id,
    sources.source,
    sources.medium,
    sources.campaign,
    sources.keyword
from sessions_carried as sessions
inner join {{ ref('int_web_sessions') }} as sources
    on sessions.source_session_id = sources.session_id
where sources.started_at >= sessions.started_at - interval {{ var('source_lookback_days') }} day
