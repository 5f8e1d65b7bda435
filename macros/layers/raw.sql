{#- Which systems are enabled, each named once. -#}
{% macro enabled_systems() %}
    {% set names = [] %}
    {% for domain_systems in var('systems').values() %}
        {% for system in domain_systems or [] if system not in names %}
            {% do names.append(system) %}
        {% endfor %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{#-
    A raw table as a relation, with the row's origin in source_file, row_number and loaded_at.

    The demo's raw tables are dbt seeds; every other system's lie in the raw lake and are reached through
    a view that create_raw_views() makes. Only staging models call this. Personal columns of seeds are treated here as
    `warehouse load` treats those of other systems.
-#}
{% macro raw(system, table) %}
    {%- if system.startswith('demo_') and var('demo_data') == 'seeds' -%}
    {%- set seed = system ~ '__' ~ table -%}
    {%- set personal = personal_columns(system, table) -%}
    (
        select
            * {{ except_columns(personal) if personal }},
            {%- for name, rule in personal.items() %}
            {%- if rule == 'hash' %}
            {{ hashed_without_secret(name) }} as {{ name }},
            {{ address_domain(name) }} as {{ name }}_domain,
            {%- elif rule == 'mask' %}
            {{ masked_addresses(name) }} as {{ name }},
            {%- endif %}
            {%- endfor %}
            '{{ seed }}' as _batch_id,
            '{{ seed }}.csv' as _source_file,
            -- the header is row 1 of the file
            row_number() over () + 1 as _row_number,
            cast(null as timestamp) as _loaded_at
        from {{ ref(seed) }}
    )
    {%- elif source_grows(system, table) -%}
    {#- named all the same, because dbt has to know it -#}
    {{ arrived(source(system, table)) }}
    {%- else -%}
    {{ source(system, table) }}
    {%- endif -%}
{% endmacro %}


{#- The columns of a raw table that say who somebody is, with what becomes of each when it is loaded. -#}
{% macro personal_columns(system, table) %}
    {% set personal = {} %}
    {% for source in (graph.sources.values() if execute else [])
        if source.source_name == system and source.name == table %}
        {% for column in source.columns.values() if (column.config.meta or column.meta).personal %}
            {% do personal.update({column.name: (column.config.meta or column.meta).personal}) %}
        {% endfor %}
        {% for column in (contract_columns(table) if not source.columns else []) if column.rules.personal %}
            {% do personal.update({column.name: column.rules.personal}) %}
        {% endfor %}
    {% endfor %}
    {{ return(personal) }}
{% endmacro %}


{#-
    Run at the start of every dbt command: makes one view per raw table of every enabled system over its
    Parquet files in the raw lake. A table that nothing has been landed for, and a declared column that
    the files do not have, come out empty and null, so that a project with whatever data builds. A source
    declared without columns bears those of the entity it is named after. Files that were put there by other means
    than `warehouse load` do not say where their rows came from: their name and the row's place in them do.
-#}
{% macro create_raw_views() %}
    {% if execute %}
        {% set sources = [] %}
        {% for source in graph.sources.values()
            if source.source_name in enabled_systems()
            and not (source.source_name.startswith('demo_') and var('demo_data') == 'seeds') %}
            {% do sources.append(source) %}
        {% endfor %}
        {% for schema in sources | map(attribute='schema') | unique %}
            {% do run_query('create schema if not exists ' ~ schema) %}
        {% endfor %}
        {#- three statements for all views together: at each one of its own, dbt takes longer than the engine -#}
        {% set files = raw_files_of(sources) %}
        {% set columns = raw_columns(files) %}
        {% set views = [] %}
        {% for source in sources %}
            {% set table = source.schema ~ '.' ~ source.identifier %}
            {% do views.append(raw_view_sql(
                source, files[source.unique_id], columns.get(source.unique_id, {}), table
            )) %}
        {% endfor %}
        {% if views %}{% do run_query(views | join(';')) %}{% endif %}
    {% endif %}
{% endmacro %}


{#- Where the files of a raw table lie. -#}
{% macro raw_files(source) -%}
    {%- set folder = var('raw_root') ~ '/' ~ source.source_name ~ '/' ~ source.name -%}
    {{ return(folder | replace("'", "''") ~ '/*.parquet') }}
{%- endmacro %}


{#- What read_parquet takes for each source's files, by its id: their pattern, or none if nothing was landed. -#}
{% macro raw_files_of(sources) %}
    {{ return(adapter.dispatch('raw_files_of')(sources)) }}
{% endmacro %}

{% macro duckdb__raw_files_of(sources) %}
    {% set landed = run_query(
        "select distinct path[-3] || '/' || path[-2] from ("
        ~ "select parse_path(file, 'both_slash') as path from glob('"
        ~ (var('raw_root') | replace("'", "''")) ~ "/*/*/*.parquet'))"
    ).columns[0].values() %}
    {% set files = {} %}
    {% for source in sources %}
        {% set is_landed = source.source_name ~ '/' ~ source.name in landed %}
        {% do files.update({source.unique_id: "'" ~ raw_files(source) ~ "'" if is_landed else none}) %}
    {% endfor %}
    {{ return(files) }}
{% endmacro %}


{#- The columns of some files with their types, by the name the files are given; `files` as of raw_files_of. -#}
{% macro raw_columns(files) %}
    {{ return(adapter.dispatch('raw_columns')(files)) }}
{% endmacro %}

{% macro duckdb__raw_columns(files) %}
    {% set columns = {} %}
    {% set parts = [] %}
    {% for name, listed in files.items() if listed %}
        {% do parts.append(
            "select '" ~ name ~ "', column_name, column_type from (describe select * from " ~ raw_scan(listed) ~ ")"
        ) %}
    {% endfor %}
    {% for name, column, type in (run_query(parts | join(' union all ')) if parts else []) %}
        {% do columns.setdefault(name, {}).update({column | lower: type}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{% macro raw_scan(listed) -%}
    read_parquet({{ listed }}, union_by_name = true, filename = '_landed_file')
{%- endmacro %}


{#- The view `view_name` of a source's files, `listed` as of raw_files_of, which have the columns `landed`. -#}
{% macro raw_view_sql(source, listed, landed, view_name) %}
    {{ return(adapter.dispatch('raw_view_sql')(source, listed, landed, view_name)) }}
{% endmacro %}

{% macro duckdb__raw_view_sql(source, listed, landed, view_name) %}
    {% set declared = source.columns.keys() | list or contract_columns(source.name) | map(attribute='name') | list %}
    {% for name, rule in personal_columns(source.source_name, source.name).items() if rule == 'hash' %}
        {% do declared.append(name ~ '_domain') %}
    {% endfor %}
    {% set origin = {
        '_batch_id': ('varchar', 'parse_filename(landed._landed_file, true)'),
        '_source_file': ('varchar', 'parse_filename(landed._landed_file)'),
        '_row_number': ('bigint', 'landed.file_row_number + 1'),
        '_loaded_at': ('timestamp', 'null')
    } %}
    {% set view_sql %}
        create or replace view {{ view_name }} as
        select
            {% if landed -%}
            landed.* exclude (_landed_file
                {%- for name in origin if name in landed %}, {{ name }}{% endfor %}),
            {%- endif %}
            {%- for name in declared if name | lower not in landed %}
            cast(null as varchar) as {{ adapter.quote(name) }},
            {%- endfor %}
            {%- for name, (type, fallback) in origin.items() %}
            {% if name in landed -%}
            coalesce(cast(landed.{{ name }} as {{ type }}), {{ fallback }})
            {%- else -%}
            cast({{ fallback if landed else 'null' }} as {{ type }})
            {%- endif %} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        {% if landed %}from {{ raw_scan(listed) }} as landed{% else %}where false{% endif %}
    {% endset %}
    {{ return(view_sql) }}
{% endmacro %}
