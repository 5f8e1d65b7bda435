-- Grain: one row per session whose events, or whose row in fct_sessions, a batch changes. Key: session_id. Empty in a
-- full build. The row as it is now; of a session that is no more only the id, and is_gone.
{% set facts = graph.nodes['model.' ~ project_name ~ '.fct_sessions'] if execute %}
{% set columns = facts.columns.keys() | join(', ') if execute %}
{% if is_batch() -%}
with sessions_now as (
    {{ session_facts('where sessions.session_id in (select judged.session_id from '
        ~ ref('int_sessions_to_judge') ~ ' as judged)') }}
),

-- The number of an event is known to no session: one whose events were placed anew counts as changed.
touched_sessions as (
    select sessions.session_id
    from {{ ref('int_web_sessions') }} as sessions
    where sessions.session_key in (select touched.event_key from {{ ref('int_web_events_touched') }} as touched)
),

-- A session that began with an event that was placed anew and did not come out again.
gone_sessions as (
    select sessions.session_id
    from {{ stored('fct_sessions') }} as sessions
    where
        sessions.session_id in (
            select {{ session_id('cast(null as varchar)', 'touched.event_id') }}
            from {{ ref('int_web_events_touched') }} as touched
            where touched.session_owner_id = 'event ' || touched.event_id
            union all
            select {{ session_id('touched.session_owner_id', 'touched.event_id') }}
            from {{ ref('int_web_events_touched') }} as touched
            where touched.session_owner_id <> 'event ' || touched.event_id
        )
        and sessions.session_id not in (select touched_sessions.session_id from touched_sessions)
),

differing_sessions as (
    select {{ columns }} from sessions_now
    except
    select {{ columns }} from {{ stored('fct_sessions') }}
    where session_id in (select judged.session_id from {{ ref('int_sessions_to_judge') }} as judged)
),

changed_sessions as (
    select
        session_id,
        false as is_gone
    from differing_sessions

    union

    select
        session_id,
        false as is_gone
    from touched_sessions

    union

    select
        session_id,
        true as is_gone
    from gone_sessions
)

select
    changed_sessions.session_id,
    changed_sessions.is_gone,
    sessions_now.* {{ except_columns(['session_id']) }}
from changed_sessions
left join sessions_now
    on changed_sessions.session_id = sessions_now.session_id
{%- else -%}
select
    session_id,
    false as is_gone
from (
    {{ session_facts('where 1 = 0') }}
) as sessions
-- depends_on: {{ ref('int_sessions_to_judge') }} {{ ref('int_web_events_touched') }}
{%- endif %}
