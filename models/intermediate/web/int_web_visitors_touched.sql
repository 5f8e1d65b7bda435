-- Grain: one row per visitor, or event without visitor, that the new events of a batch belong to. Key:
-- session_owner_id. Empty in a full build. Sessions before restart_at stay as they are: it is the first moment at which
-- an event was added or displaced, or the start of the session that this moment continues. events_before counts the
-- visitor's events before.
{% if is_batch() -%}
with touched_events as (
    select
        {{ session_owner('visitor_id', 'event_id') }} as session_owner_id,
        occurred_at
    from {{ ref('screened_web_events') }}
    where
        row_outcome = 'accepted'
        and event_key > {{ last_known_event() }}

    union all

    -- old events that a new one displaced; apart, because a condition with "or" would read all events
    select
        {{ session_owner('visitor_id', 'event_id') }} as session_owner_id,
        occurred_at
    from {{ stored('screened_web_events_read') }}
    where event_key in (
        select repeated.event_key from {{ stored('screened_web_events_repeated') }} as repeated
        where repeated.last_event_key > {{ last_known_event() }}
    )
),

owners as (
    select
        session_owner_id,
        min(occurred_at) as first_touched_at
    from touched_events
    where occurred_at is not null
    group by session_owner_id
),

owner_sessions as (
    select
        visitor_id,
        started_at,
        ended_at,
        events
    from {{ stored('int_web_sessions') }}
    where visitor_id in (select owners.session_owner_id from owners)
),

owners_with_restart as (
    select
        owners.session_owner_id,
        coalesce(
            max(sessions.started_at) filter (
                where
                owners.first_touched_at < sessions.ended_at + interval {{ var('session_timeout_minutes') }} minute
            ),
            owners.first_touched_at
        ) as restart_at
    from owners
    left join owner_sessions as sessions
        on
            owners.session_owner_id = sessions.visitor_id
            and sessions.started_at <= owners.first_touched_at
    group by owners.session_owner_id, owners.first_touched_at
)

select
    owners.session_owner_id,
    owners.restart_at,
    cast(coalesce(sum(sessions.events), 0) as bigint) as events_before
from owners_with_restart as owners
left join owner_sessions as sessions
    on
        owners.session_owner_id = sessions.visitor_id
        and sessions.started_at < owners.restart_at
group by owners.session_owner_id, owners.restart_at
{%- else -%}
select
    cast(null as varchar) as session_owner_id,
    cast(null as timestamp) as restart_at,
    cast(null as bigint) as events_before
from {{ ref('screened_web_events') }}
where 1 = 0
{%- endif %}
