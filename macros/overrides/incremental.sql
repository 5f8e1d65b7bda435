{#-
    What grows, in as few statements: a full build replaces the table in one, a batch makes the new rows, takes them in
    and records it in one transaction. dbt's own materialization compares columns in between, renames tables and asks
    for indexes, grants and foreign keys, which no model here has. The columns are those of the last full build: when
    anything in the project has changed, there is no batch (macros/layers/growth.sql), so that `on_schema_change`,
    which dbt asks for where a contract is enforced, has nothing to do.
-#}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or existing.type != 'table' or should_full_refresh() -%}
    {{ return(replaced(this.incorporate(type='table'))) }}
    {%- endif -%}
    {{ return(grown(existing)) }}
{% endmaterialization %}

{% macro grown(relation) %}
    {%- set strategy = config.get('incremental_strategy') or 'default' -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- what is only added needs no table in between -#}
    {%- if strategy == 'append' -%}
    {%- set names = columns | map(attribute='quoted') | join(', ') -%}
    {% call statement('main') -%}
        insert into {{ relation }} ({{ names }})
        select {{ names }} from (
            {{ sql }}
        ) as new_rows
    {%- endcall %}
    {%- else -%}
    {%- set new_rows = make_temp_relation(relation) -%}
    {% call statement('new_rows') -%}
        create temporary table {{ new_rows }} as (
            {{ sql }}
        )
    {%- endcall %}
    {% call statement('main') -%}
        {{ adapter.get_incremental_strategy_macro(context, strategy)({
            'target_relation': relation,
            'temp_relation': new_rows,
            'unique_key': config.get('unique_key'),
            'dest_columns': columns,
            'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
        }) }};
        drop table {{ new_rows }}
    {%- endcall %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
