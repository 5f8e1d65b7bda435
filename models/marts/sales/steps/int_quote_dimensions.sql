-- Grain: one row per quote of int_quotes_resolved and dimension it is told apart by. Key: quote_id, dimension. Count
-- within one dimension only. Segment, catalog and rep are those on the day of the request.
{% set dimensions = {
    'all': "'all'", 'company_size': 'company_size', 'catalog': 'catalog_id', 'rep': 'rep_id'
} %}
{% for dimension, member in dimensions.items() -%}
select
    quote_id,
    '{{ dimension }}' as dimension,
    {{ member }} as member
from {{ ref('int_quotes_resolved') }}
{{ 'union all' if not loop.last }}
{% endfor %}
