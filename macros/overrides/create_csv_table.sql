{#-
    Seeds land as text, like any other export: types are decided by the contract, in staging, where a
    value that does not fit becomes a rejected row. dbt's own guess would turn the account number 0042
    into 42 and fail the whole seed on one bad date.
-#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% set sql %}
        create table {{ this.render() }} (
            {% for column_name in agate_table.column_names %}
            {{ adapter.quote(column_name) }} varchar{{ "," if not loop.last }}
            {% endfor %}
        )
    {% endset %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {{ return(sql) }}
{% endmacro %}
