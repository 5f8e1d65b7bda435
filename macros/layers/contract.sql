{#-
    The contract of a conformed entity, read from the YAML beside models/conformed/<entity>.sql: the one
    place where its columns, types and rules are written. Empty while dbt only parses.

    Column rules live in `config.meta`:
      required          the row is rejected without it
      accepted_values   the codes that exist; others reject the row
      open_ended        a date that may lie outside the plausible range (a price valid until 9999-12-31)
      personal          says who somebody is; what becomes of it when it is loaded (docs/privacy.md): hash, drop or mask
      person            holds the number of a contact or a visitor, which `warehouse erase` looks for
      clock             the day that a row belongs to, for the freshness of raw tables
      differs_in_repeats  not compared when a key repeats (when an event was received)
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
        {'name': 'batch_id', 'type': 'varchar'},
        {'name': 'source_file', 'type': 'varchar'},
        {'name': 'row_number', 'type': 'bigint'},
        {'name': 'loaded_at', 'type': 'timestamp'},
        {'name': 'rejection', 'type': 'varchar'},
        {'name': 'raw_row', 'type': 'varchar'},
    ]) }}
{% endmacro %}


{#-
    Every conformed entity. Listed in dbt_project.yml, because dbt has to know a model's parents before it has read
    the project; a test compares the list with models/conformed/.
-#}
{% macro conformed_entities() %}
    {% set names = [] %}
    {% for domain_entities in var('domains').values() %}
        {% do names.extend(domain_entities) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#- Whether a system provides an entity in this workspace: it can, and it is enabled for the entity's domain. -#}
{% macro is_provided(system, entity) %}
    {% set can_provide = system == 'flat_file' or entity in var('entities').get(system, []) %}
    {% for domain, domain_entities in var('domains').items() if entity in domain_entities %}
        {{ return(can_provide and system in (var('systems').get(domain) or [])) }}
    {% endfor %}
    {{ exceptions.raise_compiler_error("The entity '" ~ entity ~ "' is in no domain of dbt_project.yml.") }}
{% endmacro %}


{#- The staging models that provide an entity. -#}
{% macro providers(entity) %}
    {% set models = [] %}
    {% for system in enabled_systems() if is_provided(system, entity) %}
        {% do models.append('stg_' ~ system ~ '__' ~ entity) %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}


{#-
    Rows of every raw table that feeds an entity of this workspace, counted where they lie. A table feeds the entity it
    is named after, or those of `entities` in its sources file.
-#}
{% macro raw_table_counts() %}
    {% set counts = [] %}
    {% for source in (graph.sources.values() if execute else []) if source.source_name in enabled_systems() %}
        {% set fed = [] %}
        {% for entity in source.config.meta.get('entities', [source.name]) if is_provided(source.source_name, entity) %}
            {% do fed.append(entity) %}
        {% endfor %}
        {% if fed %}
            {% do counts.append(
                "select '" ~ source.source_name ~ "' as system_name, '" ~ source.name ~ "' as table_name, "
                ~ "count(*) as raw_rows from " ~ source.schema ~ "." ~ source.identifier
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(counts | sort | join('\nunion all\n')) if counts else
        return("select cast(null as varchar) as system_name, cast(null as varchar) as table_name, "
               ~ "cast(0 as bigint) as raw_rows where 1 = 0") }}
{% endmacro %}
