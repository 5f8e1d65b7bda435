-- Grain: one row per raw row that did not reach its conformed entity. Key: system_name, table_name, entity, batch_id,
-- row_number. Nothing is dropped without a row here or a count in reconciliation.
{% set entities = conformed_entities() %}
{% for entity in entities %}
select
    source_system as system_name,
    coalesce(source_table, '(derived)') as table_name,
    '{{ entity }}' as entity,
    {{ contract_key(entity) }} as row_key,
    split_part(rejection, ': ', 1) as reason,
    rejection as detail,
    batch_id,
    source_file,
    row_number,
    raw_row
from {{ ref('screened_' ~ entity) }}
where row_outcome = 'rejected'
{{ 'union all' if not loop.last }}
{% endfor %}
