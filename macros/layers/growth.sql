{#-
    What grows is not built anew: raw tables marked `grows` in their sources file get a file a load, and of the models
    on the way to the marts those that are materialized as `incremental` take in only what the new files change.

    One decision, taken before the first model, holds for the whole run. It continues the last build in a batch when
      - every incremental model stands, built from the same state by the same project files and variables,
      - no file that was read has changed or gone, and
      - staging reads nothing else: not of a system whose sources file does not say `grows`, or that reads more.
    Else all of them are built in full. A run that was killed or failed half way is repeated from the last state that
    all models reached: each step gives the same result a second time.

    Kept in the schema `state`:
      files    the raw files that screening has read
      run      the decision for this run, the last event that all models know, and whether the run before was whole
      built    what each incremental model was built from, and by which run
-#}
{% macro begin_run() %}
    {% if execute %}
        {% do run_query("create schema if not exists state") %}
        {% do run_query(
            "create table if not exists state.files (schema_name varchar, table_name varchar, file varchar, "
            ~ "bytes bigint, modified_at timestamp)"
        ) %}
        {% do run_query(
            "create table if not exists state.built (model_name varchar, project varchar, version varchar, "
            ~ "last_event_key bigint, run_id varchar)"
        ) %}
        {% do create_raw_views() %}
        {% do decide_run() %}
    {% endif %}
{% endmacro %}


{% macro decide_run() %}
    {% set growing = growing_sources() %}
    {% do run_query("create or replace table state.landed as " ~ landed_files_sql(growing)) %}
    {% set project = project_fingerprint() %}
    {% set incremental = [] %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.materialized == 'incremental' %}
        {% do incremental.append(node) %}
    {% endfor %}
    {% set conditions = [] %}
    {% for node in incremental %}
        {% do conditions.append(
            "exists (select 1 from information_schema.tables where table_schema = '" ~ node.schema
            ~ "' and table_name = '" ~ node.alias ~ "')"
        ) %}
        {% do conditions.append(
            "exists (select 1 from state.built where model_name = '" ~ node.name ~ "' and project = '" ~ project ~ "')"
        ) %}
    {% endfor %}
    {% do run_query(
        "delete from state.built where model_name not in ('" ~ incremental | map(attribute='name') | join("', '") ~ "')"
    ) %}
    {% set continues = true if (
        growing and reads_nothing_else('web_events', growing) and project and incremental and not flags.FULL_REFRESH
        and run_query(
            "select " ~ conditions | join(" and ")
            ~ " and (select count(distinct version) from state.built) = 1"
            ~ " and not exists (select * from state.files except select * from state.landed)"
        ).columns[0].values()[0]
    ) else false %}
    {% set files = {} %}
    {% for source in growing if continues %}
        {% do files.update({source.unique_id: arrived_files(source)}) %}
    {% endfor %}
    {% set columns = raw_columns(files) %}
    {% for source in growing %}
        {% set table = source.schema ~ '.' ~ source.identifier %}
        {% do run_query(
            raw_view_sql(source, files[source.unique_id], columns.get(source.unique_id, {}), arrived(table))
            if continues else 'create or replace view ' ~ arrived(table) ~ ' as select * from ' ~ table
        ) %}
    {% endfor %}
    {% do run_query(
        "create or replace table state.run as select "
        ~ (continues | string | lower) ~ " as is_batch, '"
        ~ (project or '') ~ "' as project, "
        ~ "(select min(last_event_key) from state.built) as last_event_key, "
        ~ "(select count(distinct run_id) from state.built) = 1 as is_last_run_whole"
    ) %}
    {% do graph.update({'is_batch': continues}) %}
    {% if continues %}
        {% do settle_row_groups(growing) %}
    {% endif %}
{% endmacro %}


{#-
    Whether the engine may merge row groups as it writes what this batch adds. DuckDB does so whenever that gives one
    group less, and writes the rows of all of them anew for it: a quarter of the time of a batch of 130,000 events. A
    large batch leaves its own row groups, which are read as fast; small ones would leave too many, and merge. Measured
    on half a million rows of 17 columns, all checkpoints together: 200 batches of 20,000 rows take 29 s with merging
    and 8 s without, and are as large and as fast to read; 1,000 batches of 1,000 rows take 19 s and 28 s, and without
    merging are five times as large and take twice as long to read.
-#}
{% macro settle_row_groups(sources) %}{{ adapter.dispatch('settle_row_groups')(sources) }}{% endmacro %}
{% macro default__settle_row_groups(sources) %}{% endmacro %}
{% macro duckdb__settle_row_groups(sources) %}
    {% set large_batch = 20000 %}
    {% set counts = [] %}
    {% for source in sources %}
        {% do counts.append("(select count(*) from " ~ arrived(source.schema ~ '.' ~ source.identifier) ~ ")") %}
    {% endfor %}
    {% if run_query("select " ~ counts | join(" + ")).columns[0].values()[0] >= large_batch %}
        {% do run_query("set global max_vacuum_tasks = 0") %}
    {% endif %}
{% endmacro %}


{#-
    Whether this run continues the last build; false in `dbt compile`. `decide_run` leaves its answer in dbt's graph,
    which all nodes of a run share: a model asks some eight times, and a query takes dbt 10 ms.
-#}
{% macro is_batch() %}
    {% if var('assume_batch', none) is not none %}{{ return(var('assume_batch')) }}{% endif %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {% if 'is_batch' in graph %}{{ return(graph.is_batch) }}{% endif %}
    {% if run_query(
        "select 1 from information_schema.tables where table_schema = 'state' and table_name = 'run'"
    ).rows | length %}
        {{ return(run_query("select is_batch from state.run").columns[0].values()[0]) }}
    {% endif %}
    {{ return(false) }}
{% endmacro %}


{#- The last event that every incremental model knows; for a batch. -#}
{% macro last_known_event() -%}(select last_event_key from state.run){%- endmacro %}


{#- For a batch: whether every incremental model took in what the run before found. -#}
{% macro is_last_run_whole() -%}(select is_last_run_whole from state.run){%- endmacro %}


{#- Called by dbt: whether an incremental model is built in full; of a seed its configuration says it. -#}
{% macro should_full_refresh() %}
    {{ return(not is_batch() if model.resource_type == 'model' else config.get('full_refresh', flags.FULL_REFRESH)) }}
{% endmacro %}


{#- After an incremental model, in its transaction: what it was built from. The first of them says what the rest is. -#}
{% macro record_built() %}
    {% if execute %}
    delete from state.built where model_name = '{{ this.name }}';
    {% if this.name.endswith('_read') %}
    insert into state.built
    select
        '{{ this.name }}',
        run.project,
        {% if is_batch() %}(select max(version) from state.built){% else %}'{{ invocation_id }}'{% endif %},
        coalesce((select max(event_key) from {{ this }}), 0),
        '{{ invocation_id }}'
    from state.run;
    {% if is_batch() %}
    insert into state.files select * from state.landed as new where {{ is_arrived('new') }};
    {% else %}
    delete from state.files;
    insert into state.files select * from state.landed;
    {% endif %}
    {% else %}
    insert into state.built
    select '{{ this.name }}', project, version, last_event_key, '{{ invocation_id }}'
    from state.built where model_name like '%\_read' escape '\';
    {% endif %}
    {% endif %}
{% endmacro %}


{#-
    The incremental strategy `replace`: deletes the rows that `meta.replaces` names, then inserts the new ones. Not by
    the new rows' own keys, because a session may go without another in its place.

      column, model, key   rows of which the column is among the keys in a model that this run has built
      time, earliest       none of them has a `time` (a date or a moment) before the day before the model's first
                           `earliest`: so that not all row groups are searched
      or                   other rows as well: a condition
-#}
{% macro get_incremental_replace_sql(arguments) %}
    {% set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') %}
    {% set replaces = config.get('meta').replaces %}
    delete from {{ arguments.target_relation }}
    where
        {{ replaces.column }} in (select found.{{ replaces.key }} from {{ stored(replaces.model) }} as found)
        {% if 'time' in replaces %}
        {{ and_not_before(replaces.time, replaces.model, replaces.earliest, days_before=1, type='date') }}
        {% endif %};
    {% if 'or' in replaces %}
    delete from {{ arguments.target_relation }} where {{ replaces['or'] }};
    {% endif %}
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{% endmacro %}


{#-
    For a batch: a condition that `column` does not lie before the first `moment` of a model that this run has built, or
    of the rows of it that `where` names, less some days. As a constant, by which DuckDB leaves out row groups of
    another time, and it never changes what is found: callers name a bound that holds anyhow.
-#}
{% macro and_not_before(column, model_name, moment, days_before=0, type='timestamp', where='true') -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] if execute -%}
    {%- set found = adapter.get_relation(target.database, node.schema, node.alias) if execute -%}
    {%- set first = run_query(
        'select cast(min(' ~ moment ~ ') - interval ' ~ days_before ~ ' day as ' ~ type ~ ') from ' ~ found
        ~ ' where ' ~ where
    ).columns[0].values()[0] if found -%}
    {{ "and " ~ column ~ " >= cast('" ~ first ~ "' as " ~ type ~ ")" if first }}
{%- endmacro %}


{#- A model as it stands, not by `ref`: before this run has built it, or what a model read by `ref` is made of. -#}
{% macro stored(model_name) -%}
    {%- if execute -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
    {{ api.Relation.create(database=target.database, schema=node.schema, identifier=node.alias) }}
    {%- endif -%}
{%- endmacro %}


{#- The view of the files that a run reads of a growing raw table: all of them in a full build, else the new ones. -#}
{% macro arrived(relation) -%}
    {{ return((relation | string | replace('"', '')) ~ '__arrived') }}
{%- endmacro %}

{% macro source_grows(system, table) %}
    {% for source in growing_sources() if source.source_name == system and source.name == table %}
        {{ return(true) }}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

{% macro growing_sources() %}
    {% set growing = [] %}
    {% for source in (graph.sources.values() if execute else [])
        if (source.config.meta or source.meta).grows and source.source_name in enabled_systems()
        and not (source.source_name.startswith('demo_') and var('demo_data') == 'seeds') %}
        {% do growing.append(source) %}
    {% endfor %}
    {{ return(growing) }}
{% endmacro %}

{#- Whether an entity is staged from these sources alone. -#}
{% macro reads_nothing_else(entity, sources) %}
    {% set known = sources | map(attribute='unique_id') | list %}
    {% for model_name in providers(entity) %}
        {% for parent in graph.nodes['model.' ~ project_name ~ '.' ~ model_name].depends_on.nodes
            if parent not in known %}
            {{ return(false) }}
        {% endfor %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{% macro is_arrived(alias) -%}
    not exists (
        select 1 from state.files as known
        where
            known.schema_name = {{ alias }}.schema_name
            and known.table_name = {{ alias }}.table_name
            and known.file = {{ alias }}.file
    )
{%- endmacro %}

{% macro arrived_files(source) %}
    {% set files = run_query(
        "select file from state.landed as new where schema_name = '" ~ source.schema ~ "' and table_name = '"
        ~ source.identifier ~ "' and " ~ is_arrived('new') ~ " order by file"
    ).columns[0].values() %}
    {{ return("['" ~ files | map('replace', "'", "''") | join("', '") ~ "']" if files else none) }}
{% endmacro %}


{#- The files of some sources with their size and time. -#}
{% macro landed_files_sql(sources) -%}{{ return(adapter.dispatch('landed_files_sql')(sources)) }}{%- endmacro %}
{% macro duckdb__landed_files_sql(sources) %}
    {% set parts = ["select * from state.files where false"] %}
    {% set files = raw_files_of(sources) %}
    {% for source in sources if files[source.unique_id] %}
        {% do parts.append(
            "select '" ~ source.schema ~ "', '" ~ source.identifier ~ "', filename, size, "
            ~ "cast(last_modified at time zone 'UTC' as timestamp) from read_blob(" ~ files[source.unique_id] ~ ")"
        ) %}
    {% endfor %}
    {{ return(parts | join(" union all ")) }}
{% endmacro %}

{#-
    A hash of all that decides what models say of the same raw files: the project's own files, the variables of this
    run, dbt and the engine. Empty when the files cannot be read, and then nothing is continued.
-#}
{% macro project_fingerprint() -%}{{ return(adapter.dispatch('project_fingerprint')()) }}{%- endmacro %}
{% macro default__project_fingerprint() %}{{ return('') }}{% endmacro %}
{% macro duckdb__project_fingerprint() %}
    {% set files = run_query(
        "select count(*), md5(string_agg(filename || content, '' order by filename)) from read_text("
        ~ "['dbt_project.yml', 'macros/**/*.sql', 'models/**/*.sql', 'models/**/*.yml'])"
    ) %}
    {% set engine = run_query("select version()").columns[0].values()[0] %}
    {% set variables = invocation_args_dict.get('vars', {}) | string %}
    {% set fingerprint = local_md5(files.columns[1].values()[0] ~ variables ~ dbt_version ~ engine) %}
    {{ return(fingerprint if files.columns[0].values()[0] > 1 else '') }}
{% endmacro %}
