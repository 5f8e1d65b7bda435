{#-
    Tables and views are replaced in one statement. dbt's own materializations build beside the old relation, rename
    both and drop one: twice the statements, each with work of dbt's around it, for what a transaction of DuckDB gives
    anyway: until it ends, readers see the old relation, and when it fails the old one stays. Grants, indexes and docs
    in the database are left out: no model has any.
-#}
{% materialization table, adapter='duckdb' %}
    {{ return(replaced(this.incorporate(type='table'))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(replaced(this.incorporate(type='view'))) }}
{% endmaterialization %}

{% macro replaced(relation) %}
    {%- set existing = load_cached_relation(relation) -%}
    {%- set has_contract = config.get('contract').enforced -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        {%- if has_contract %}{{ get_assert_columns_equivalent(sql) }}{% endif %}
        {%- if existing is not none and existing.type != relation.type %}
        drop {{ existing.type }} if exists {{ existing }};
        {%- do adapter.cache_dropped(existing) %}
        {%- endif %}
        {%- if has_contract and relation.is_table %}
        create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(sql) }})
        {%- else %}
        create or replace {{ relation.type }} {{ relation }} as (
            {{ sql }}
        )
        {%- endif %}
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmacro %}
