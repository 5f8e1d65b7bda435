{#- A demo seed <system>__<table> becomes the table raw_<system>.<table>, where an export would land. -#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}
    {{ custom_alias_name | trim }}
    {%- elif node.resource_type == 'seed' and '__' in node.name -%}
    {{ node.name.split('__')[1] }}
    {%- else -%}
    {{ node.name }}
    {%- endif -%}
{%- endmacro %}
