{#-
    Seeds land as text, like any other export: types are decided by the contract, in staging, where a
    value that does not fit becomes a rejected row. dbt's own guess would turn the account number 0042
    into 42 and fail the whole seed on one bad date. DuckDB reads the file by itself; dbt's materialization would read
    it in Python first, which took a twelfth of a build of the demo.
-#}
{% materialization seed, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set file = adapter.get_seed_file_path(model) -%}
    {#- what `dbt seed --show` would show -#}
    {% do store_result('agate_table', response='OK') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') -%}
        create or replace table {{ relation }} as
        select * from read_csv(
            '{{ file | replace("'", "''") }}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'
        )
    {%- endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
