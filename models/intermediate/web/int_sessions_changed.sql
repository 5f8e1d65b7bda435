-- Grain: one row per session whose events, or whose row in fct_sessions, a batch changes. Key: session_id. Empty in a
-- full build. The row as it is now; of a session that is no more, or never was, only the id, and is_gone.
{% set facts = graph.nodes['model.' ~ project_name ~ '.fct_sessions'] if execute %}
{% set columns = facts.columns.keys() | join(', ') if execute %}
{% if is_batch() -%}
with sessions_now as (
    {{ session_facts('where sessions.session_id in (select judged.session_id from '
        ~ ref('int_sessions_to_judge') ~ ' as judged)') }}
),

-- Sessions whose events were placed anew, and all that could have begun with one of those before and are no more.
placed_sessions as (
    select {{ session_id('touched.session_owner_id', 'touched.event_id') }} as session_id
    from {{ ref('int_web_events_touched') }} as touched
),

differing_sessions as (
    select {{ columns }} from sessions_now
    except
    select {{ columns }} from {{ stored('fct_sessions') }}
    where session_id in (select judged.session_id from {{ ref('int_sessions_to_judge') }} as judged)
),

changed_sessions as (
    select session_id from placed_sessions
    union
    select session_id from differing_sessions
    union
    -- of a run that ended half way: which facts took it in is not known
    select session_id from {{ this }}
    where not {{ is_last_run_whole() }}
)

select
    changed_sessions.session_id,
    sessions_now.session_id is null as is_gone,
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
