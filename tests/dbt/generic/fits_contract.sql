{#-
    Rows of a conformed entity that its own contract should have kept out: a key that is empty or repeats, a required
    column that is empty, a code that does not exist. One test reads the contract, so that a table is scanned once and
    the rules are written once.
-#}
{% test fits_contract(model) %}
{%- set entity = model.identifier -%}
{%- set key = contract_key(entity) -%}
{%- set columns = contract_columns(entity) -%}
{%- set conditions = [key ~ ' is null'] -%}
{%- for column in columns -%}
    {%- if column.rules.required and column.name != key -%}
        {%- do conditions.append(column.name ~ ' is null') -%}
    {%- endif -%}
    {%- if column.rules.accepted_values -%}
        {%- do conditions.append(
            column.name ~ " not in ('" ~ column.rules.accepted_values | join("', '") ~ "')"
        ) -%}
    {%- endif -%}
{%- endfor -%}
select {{ key }}
from {{ model }}
group by {{ key }}
having
    count(*) > 1
    or bool_or({{ conditions | join(' or ') or 'false' }})
{% endtest %}
