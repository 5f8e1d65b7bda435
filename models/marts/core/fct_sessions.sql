-- Grain: one row per web session, robots and staff included: KPIs read is_valid only. Key: session_id. Additive.
-- Clock: started_on, the local day of the first event. Grows: a batch replaces the sessions that changed.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {
        'column': 'session_id', 'model': 'int_sessions_changed', 'key': 'session_id',
        'time': 'started_at', 'earliest': 'earliest_at',
    }}
) }}
{% if is_batch() -%}
select
    {%- for name in model.columns %}
    {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('int_sessions_changed') }}
where not is_gone
{%- else -%}
-- depends_on: {{ ref('int_sessions_changed') }}
{{ session_facts() }}
-- so that readers of a time skip row groups, and batches too
order by sessions.started_at
{%- endif %}
