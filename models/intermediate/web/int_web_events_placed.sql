-- Grain: one row per web event. Key: event_key. Says which session an event belongs to, by the event_key of the
-- session's first event. A session ends after session_timeout_minutes without an event; neither midnight nor a new
-- campaign cuts it. An event without visitor is a session of its own. Events of one visitor at the same instant are
-- ordered by event_id, so that the same events always give the same sessions and ids. Narrow, because sorting all
-- events by visitor costs by the width of the row. Grows: a batch places the events of the visitors it touches.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {'column': 'event_key', 'model': 'int_web_events_touched', 'key': 'event_key'}}
) }}
with events as (
    {% if is_batch() -%}
    select
        event_key,
        event_id,
        session_owner_id,
        events_before,
        occurred_at
    from {{ ref('int_web_events_touched') }}
    where is_accepted
    {%- else -%}
    -- depends_on: {{ ref('int_web_events_touched') }}
    select
        event_key,
        event_id,
        {{ session_owner('visitor_id', 'event_id') }} as session_owner_id,
        0 as events_before,
        occurred_at
    from {{ ref('screened_web_events') }}
    where row_outcome = 'accepted'
    {%- endif %}
),

numbered_events as (
    select
        event_key,
        session_owner_id,
        events_before + row_number() over (
            partition by session_owner_id order by occurred_at, event_id
        ) as event_number,
        occurred_at,
        lag(occurred_at) over (partition by session_owner_id order by occurred_at, event_id) as previous_occurred_at,
        lead(occurred_at) over (partition by session_owner_id order by occurred_at, event_id) as next_occurred_at
    from events
),

events_with_start as (
    select
        event_key,
        session_owner_id,
        event_number,
        case
            when occurred_at < previous_occurred_at + interval {{ var('session_timeout_minutes') }} minute then null
            else event_key
        end as starting_event_key,
        -- how long the reader stayed is known from the next event of the session only
        case
            when next_occurred_at < occurred_at + interval {{ var('session_timeout_minutes') }} minute
                then {{ dbt.datediff('occurred_at', 'next_occurred_at', 'second') }}
        end as seconds_to_next_event
    from numbered_events
)

select
    event_key,
    {{ last_known('starting_event_key') }} over (
        partition by session_owner_id
        order by event_number
        rows between unbounded preceding and current row
    ) as session_key,
    cast(event_number as integer) as event_number,
    cast(seconds_to_next_event as integer) as seconds_to_next_event
from events_with_start
