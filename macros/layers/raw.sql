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
        {% for source in graph.sources.values()
            if source.source_name in enabled_systems()
            and not (source.source_name.startswith('demo_') and var('demo_data') == 'seeds') %}
            {% do run_query('create schema if not exists ' ~ source.schema) %}
            {% do run_query(raw_view_sql(source, raw_files(source), source.schema ~ '.' ~ source.identifier)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{#- Where the files of a raw table lie. -#}
{% macro raw_files(source) -%}
    {%- set folder = var('raw_root') ~ '/' ~ source.source_name ~ '/' ~ source.name -%}
    {{ return(folder | replace("'", "''") ~ '/*.parquet') }}
{%- endmacro %}


{#- The view `view_name` of a source's Parquet files: a pattern, or a list of files that are there. -#}
{% macro raw_view_sql(source, files, view_name) %}
    {{ return(adapter.dispatch('raw_view_sql')(source, files, view_name)) }}
{% endmacro %}

{% macro duckdb__raw_view_sql(source, files, view_name) %}
    {% set landed = {} %}
    {% if files is string %}
        {% set is_landed = run_query("select count(*) from glob('" ~ files ~ "')").columns[0].values()[0] > 0 %}
        {% set listed = "'" ~ files ~ "'" %}
    {% else %}
        {% set is_landed = files | length > 0 %}
        {% set listed = "['" ~ files | map('replace', "'", "''") | join("', '") ~ "']" %}
    {% endif %}
    {% if is_landed %}
        {% set scan = "read_parquet(" ~ listed ~ ", union_by_name = true, filename = '_landed_file')" %}
        {% for column in run_query('describe select * from ' ~ scan) %}
            {% do landed.update({column[0] | lower: column[1]}) %}
        {% endfor %}
    {% endif %}
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
        {% if landed %}from {{ scan }} as landed{% else %}where false{% endif %}
    {% endset %}
    {{ return(view_sql) }}
{% endmacro %}
