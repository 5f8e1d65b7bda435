{#- What only one engine can say (docs/decisions/portable_sql.md). One macro a need, one branch an engine. -#}

{#- Columns of a row as JSON text; all of them without a list. -#}
{% macro row_as_json(alias, columns=none) -%}{{ adapter.dispatch('row_as_json')(alias, columns) }}{%- endmacro %}
{% macro duckdb__row_as_json(alias, columns) -%}
    {%- if columns -%}
    cast(to_json(struct_pack(
        {%- for name in columns -%}
        {{ adapter.quote(name) }} := {{ alias }}.{{ adapter.quote(name) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )) as varchar)
    {%- else -%}
    cast(to_json({{ alias }}) as varchar)
    {%- endif -%}
{%- endmacro %}
{% macro spark__row_as_json(alias, columns) -%}
    to_json(struct({% for name in columns or ['*'] %}{{ alias }}.{{ name }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{#- `select *` without some columns. -#}
{% macro except_columns(names) -%}{{ adapter.dispatch('except_columns')(names) }}{%- endmacro %}
{% macro duckdb__except_columns(names) -%}exclude ({{ names | join(', ') }}){%- endmacro %}
{% macro spark__except_columns(names) -%}except ({{ names | join(', ') }}){%- endmacro %}

{#- Local time of a UTC timestamp. -#}
{% macro local_timestamp(expression, timezone=none) -%}
    {{ adapter.dispatch('local_timestamp')(expression, timezone or var('reporting_timezone')) }}
{%- endmacro %}
{% macro duckdb__local_timestamp(expression, timezone) -%}
    {{ expression }} at time zone 'UTC' at time zone '{{ timezone }}'
{%- endmacro %}
{% macro spark__local_timestamp(expression, timezone) -%}
    from_utc_timestamp({{ expression }}, '{{ timezone }}')
{%- endmacro %}

{#-
    UTC timestamp of a raw value. An offset in the text decides (DuckDB 2.0 drops it in a cast to
    timestamp, so it goes through timestamptz); without one the value is local time of `timezone`.
    In the hour that a clock change repeats, the second, standard-time reading is taken; a local time that
    the change skips moves on by the hour skipped.
-#}
{% macro utc_timestamp(expression, timezone) -%}
    {{ adapter.dispatch('utc_timestamp')(expression, timezone) }}
{%- endmacro %}
{% macro duckdb__utc_timestamp(expression, timezone) -%}
    case
        when regexp_matches(cast({{ expression }} as varchar), ':\d\d(\.\d+)?\s*(Z|[+-]\d\d(:?\d\d)?)$')
            then try_cast({{ expression }} as timestamptz) at time zone 'UTC'
        else {{ parsed_timestamp(expression) }}
            {%- if timezone != 'UTC' %} at time zone '{{ timezone }}' at time zone 'UTC'{% endif %}
    end
{%- endmacro %}

{#- A naive timestamp from text, by the workspace's formats first and ISO 8601 otherwise. -#}
{% macro parsed_timestamp(expression) -%}
    {%- if var('timestamp_formats') -%}
    coalesce(
        try_strptime(cast({{ expression }} as varchar), ['{{ var("timestamp_formats") | join("', '") }}']),
        try_cast({{ expression }} as timestamp)
    )
    {%- else -%}
    try_cast({{ expression }} as timestamp)
    {%- endif -%}
{%- endmacro %}

{% macro parsed_date(expression) -%}
    {%- if var('timestamp_formats') -%}
    cast({{ parsed_timestamp(expression) }} as date)
    {%- else -%}
    try_cast({{ expression }} as date)
    {%- endif -%}
{%- endmacro %}

{#- Whether a regular expression is found anywhere in a text. -#}
{% macro matches_pattern(expression, pattern) -%}
    {{ adapter.dispatch('matches_pattern')(expression, pattern) }}
{%- endmacro %}
{% macro duckdb__matches_pattern(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}
{% macro spark__matches_pattern(expression, pattern) -%}
    regexp_like({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{#- Day of the week, Monday = 1 to Sunday = 7. -#}
{% macro iso_weekday(expression) -%}{{ adapter.dispatch('iso_weekday')(expression) }}{%- endmacro %}
{% macro duckdb__iso_weekday(expression) -%}isodow({{ expression }}){%- endmacro %}
{% macro spark__iso_weekday(expression) -%}(weekday({{ expression }}) + 1){%- endmacro %}

{#-
    Salted SHA-256 of personal text, so that the same person can be matched and nobody can be read. The salt is
    WAREHOUSE_SALT; without a secret one, addresses can be guessed and compared.
-#}
{% macro hashed(expression) -%}
    {{ adapter.dispatch('hashed')("'" ~ env_var('WAREHOUSE_SALT', 'demo') ~ "|' || lower(trim(" ~ expression ~ "))") }}
{%- endmacro %}

{#- The same for a column that may hold an address or what another system made of it: only an address is hashed. -#}
{% macro hashed_address(expression) -%}
    case
        when cast({{ expression }} as varchar) like '%@%' then {{ hashed(expression) }}
        else {{ expression }}
    end
{%- endmacro %}
{% macro duckdb__hashed(salted) -%}sha256({{ salted }}){%- endmacro %}
{% macro spark__hashed(salted) -%}sha2({{ salted }}, 256){%- endmacro %}

{#- What the first group of a regular expression finds in lower-case text; null when nothing is found. -#}
{% macro url_part(expression, pattern) -%}
    nullif(regexp_extract(lower({{ expression }}), '{{ pattern }}', 1), '')
{%- endmacro %}
