{#-
    The contract of a conformed entity, read from the YAML beside models/conformed/<entity>.sql: the one
    place where its columns, types and rules are written. Empty while dbt only parses.

    Column rules live in `config.meta`:
      required          the row is rejected without it
      accepted_values   the codes that exist; others reject the row
      open_ended        a date that may lie outside the plausible range (a price valid until 9999-12-31)
-#}
{% macro contract_columns(entity) %}
    {% if not execute %}{{ return([]) }}{% endif %}
    {% set node = graph.nodes.get('model.' ~ project_name ~ '.' ~ entity) %}
    {% if node is none %}
        {{ exceptions.raise_compiler_error("No conformed entity named '" ~ entity ~ "' in models/conformed.") }}
    {% endif %}
    {% set columns = [] %}
    {% for column in node.columns.values() %}
        {% do columns.append({
            'name': column.name, 'type': column.data_type, 'rules': column.config.meta or column.meta
        }) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}


{#- The key of an entity is the first column of its contract. -#}
{% macro contract_key(entity) %}
    {{ return(contract_columns(entity)[0].name if execute else none) }}
{% endmacro %}


{#- Columns that say where a staged row came from and whether it fits the contract. -#}
{% macro lineage_columns() %}
    {{ return([
        {'name': 'source_table', 'type': 'varchar'},
        {'name': 'source_file', 'type': 'varchar'},
        {'name': 'row_number', 'type': 'bigint'},
        {'name': 'loaded_at', 'type': 'timestamp'},
        {'name': 'rejection', 'type': 'varchar'},
        {'name': 'raw_row', 'type': 'varchar'},
    ]) }}
{% endmacro %}


{#- The staging models that provide an entity: those of the enabled systems that declare it. -#}
{% macro providers(entity) %}
    {% set models = [] %}
    {% for system in enabled_systems() if entity in var('entities').get(system, []) %}
        {% do models.append('stg_' ~ system ~ '__' ~ entity) %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}


{#-
    Every conformed entity, for the models that read them all: what the system flat_file provides, because
    it takes every one. dbt has to know a model's parents before it has read the project, hence no
    look-up; a test compares the list with models/conformed/.
-#}
{% macro conformed_entities() %}
    {{ return(var('entities')['flat_file']) }}
{% endmacro %}


{#- Rows of every raw table of the enabled systems, counted where they lie. -#}
{% macro raw_table_counts() %}
    {% set counts = [] %}
    {% for source in (graph.sources.values() if execute else []) if source.source_name in enabled_systems() %}
        {% do counts.append(
            "select '" ~ source.source_name ~ "' as system_name, '" ~ source.name ~ "' as table_name, "
            ~ "count(*) as raw_rows from " ~ source.schema ~ "." ~ source.identifier
        ) %}
    {% endfor %}
    {{ return(counts | sort | join('\nunion all\n')) if counts else
        return("select cast(null as varchar) as system_name, cast(null as varchar) as table_name, "
               ~ "cast(0 as bigint) as raw_rows where 1 = 0") }}
{% endmacro %}
