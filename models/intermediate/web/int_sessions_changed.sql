-- Grain: one row per session whose events, or whose row in fct_sessions, a batch changes. Key: session_id. Empty in a
-- full build. The row as it is now; of a session that is no more, or never was, only the id, and is_gone.
{% set facts = graph.nodes['model.' ~ project_name ~ '.fct_sessions'] if execute %}
{% set columns = facts.columns.keys() | join(', ') if execute %}
{% if is_batch() -%}
with sessions_now as (
    {{ session_facts('where sessions.session_id in (select judged.session_id from '
        ~ ref('int_sessions_to_judge') ~ ' as judged) '
        ~ and_not_before('sessions.started_at', 'int_sessions_to_judge', 'started_at')) }}
),

-- Sessions whose events were placed anew, and all that could have begun with one of those before and are no more.
placed_sessions as (
    select
        {{ session_id('touched.session_owner_id', 'touched.event_id') }} as session_id,
        touched.occurred_at as earliest_at
    from {{ ref('int_web_events_touched') }} as touched
),

differing_sessions as (
    select {{ columns }} from sessions_now
    except
    select {{ columns }} from {{ stored('fct_sessions') }}
    where
        session_id in (select judged.session_id from {{ ref('int_sessions_to_judge') }} as judged)
        {{ and_not_before('started_at', 'int_sessions_to_judge', 'started_at') }}
),

changed_sessions as (
    select
        session_id,
        earliest_at
    from placed_sessions

    union all

    select
        session_id,
        started_at as earliest_at
    from differing_sessions

    union all

    -- of a run that ended half way: which facts took it in is not known
    select
        session_id,
        earliest_at
    from {{ this }}
    where not {{ is_last_run_whole() }}
),

grouped_sessions as (
    select
        session_id,
        min(earliest_at) as earliest_at
    from changed_sessions
    group by session_id
)

select
    grouped_sessions.session_id,
    grouped_sessions.earliest_at,
    sessions_now.session_id is null as is_gone,
    sessions_now.* {{ except_columns(['session_id']) }}
from grouped_sessions
left join sessions_now
    on grouped_sessions.session_id = sessions_now.session_id
{%- else -%}
select
    session_id,
    started_at as earliest_at,
    false as is_gone
from (
    {{ session_facts('where 1 = 0') }}
) as sessions
-- depends_on: {{ ref('int_sessions_to_judge') }} {{ ref('int_web_events_touched') }}
{%- endif %}
