-- Grain: one row per raw table of an enabled system. Key: system_name, table_name. Raw rows are counted in the raw
-- table itself, the outcomes after screening; raw = accepted + merged + rejected is tested.
with outcomes as (
    {% for entity in conformed_entities() %}
    select
        source_system as system_name,
        source_table as table_name,
        row_outcome
    from {{ ref('screened_' ~ entity) }}
    where source_table is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

outcome_counts as (
    select
        system_name,
        table_name,
        count(*) filter (where row_outcome = 'accepted') as accepted_rows,
        count(*) filter (where row_outcome = 'merged') as merged_rows,
        count(*) filter (where row_outcome = 'rejected') as rejected_rows
    from outcomes
    group by system_name, table_name
),

raw_counts as (
    {{ raw_table_counts() }}
)

select
    raw_counts.system_name,
    raw_counts.table_name,
    raw_counts.raw_rows,
    coalesce(outcome_counts.accepted_rows, 0) as accepted_rows,
    coalesce(outcome_counts.merged_rows, 0) as merged_rows,
    coalesce(outcome_counts.rejected_rows, 0) as rejected_rows
from raw_counts
left join outcome_counts
    on
        raw_counts.system_name = outcome_counts.system_name
        and raw_counts.table_name = outcome_counts.table_name
