{#- What only one engine can say (docs/decisions/portable_sql.md). One macro a need, one branch an engine. -#}

{#- A value as text, without blanks at its ends: also tabs, no-break and zero-width spaces, which nobody sees. -#}
{% macro trimmed(expression) -%}{{ adapter.dispatch('trimmed')(expression) }}{%- endmacro %}
{% macro duckdb__trimmed(expression) -%}
    regexp_replace(cast({{ expression }} as varchar), '^[\s\p{Z}\p{Cf}]+|[\s\p{Z}\p{Cf}]+$', '', 'g')
{%- endmacro %}
{% macro spark__trimmed(expression) -%}
    regexp_replace(cast({{ expression }} as string), r'^[\s\p{Z}\p{Cf}]+|[\s\p{Z}\p{Cf}]+$', '')
{%- endmacro %}

{#- The same, null when nothing is left. -#}
{% macro trimmed_or_null(expression) -%}{{ adapter.dispatch('trimmed_or_null')(expression) }}{%- endmacro %}
{% macro default__trimmed_or_null(expression) -%}nullif({{ trimmed(expression) }}, ''){%- endmacro %}
{% macro duckdb__trimmed_or_null(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as varchar)' -%}
    {#- Nearly all values are ASCII, and begin and end with a visible character: that costs a third of the pattern to
        see. The exception comes first: where some thousand rows have none, the column is handed on as it is, a
        dictionary in files. Only for a plain column, which costs nothing to name several times. -#}
    {%- if expression.replace('_', '').replace('.', '').isalnum() -%}
    case
        when {{ text }} < '!' or ({{ text }})[-1] < '!' or strlen({{ text }}) <> length({{ text }})
            then nullif({{ trimmed(expression) }}, '')
        else {{ text }}
    end
    {%- else -%}
    nullif({{ trimmed(expression) }}, '')
    {%- endif -%}
{%- endmacro %}

{#- Columns of a row as one value, all of them without a list; and that value as JSON text. -#}
{% macro row_fields(alias, columns=none) -%}{{ adapter.dispatch('row_fields')(alias, columns) }}{%- endmacro %}
{% macro duckdb__row_fields(alias, columns) -%}
    {%- if columns -%}
    struct_pack(
        {%- for name in columns -%}
        {{ adapter.quote(name) }} := {{ alias }}.{{ adapter.quote(name) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
    {%- else -%}
    {{ alias }}
    {%- endif -%}
{%- endmacro %}
{% macro spark__row_fields(alias, columns) -%}
    struct({% for name in columns or ['*'] %}{{ alias }}.{{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro fields_as_json(fields) -%}{{ adapter.dispatch('fields_as_json')(fields) }}{%- endmacro %}
{% macro duckdb__fields_as_json(fields) -%}cast(to_json({{ fields }}) as varchar){%- endmacro %}
{% macro spark__fields_as_json(fields) -%}to_json({{ fields }}){%- endmacro %}

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

{#- UTC timestamp of the moment a local day begins. -#}
{% macro start_of_local_day(expression) -%}
    {{ adapter.dispatch('start_of_local_day')('cast(' ~ expression ~ ' as timestamp)', var('reporting_timezone')) }}
{%- endmacro %}
{% macro duckdb__start_of_local_day(midnight, timezone) -%}
    {{ midnight }} at time zone '{{ timezone }}' at time zone 'UTC'
{%- endmacro %}
{% macro spark__start_of_local_day(midnight, timezone) -%}
    to_utc_timestamp({{ midnight }}, '{{ timezone }}')
{%- endmacro %}

{#-
    UTC timestamp of trimmed text. An offset in it decides (DuckDB 2.0 drops it in a cast to timestamp,
    so it goes through timestamptz); without one the value is local time of `timezone`.
    In the hour that a clock change repeats, the second, standard-time reading is taken; a local time that
    the change skips moves on by the hour skipped.
-#}
{% macro utc_timestamp(expression, timezone) -%}
    {{ adapter.dispatch('utc_timestamp')(expression, timezone) }}
{%- endmacro %}
{% macro duckdb__utc_timestamp(expression, timezone) -%}
    case
        -- the commonest form first; a cast drops the Z, which means UTC anyway
        when regexp_full_match({{ expression }}, '\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z')
            then try_cast({{ expression }} as timestamp)
        when regexp_matches({{ expression }}, ':\d\d(\.\d+)?\s*(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?)$')
            then try_cast(regexp_replace({{ expression }}, '\s+([+-])', '\1') as timestamptz) at time zone 'UTC'
        else {{ parsed_timestamp(expression) }}
            {%- if timezone != 'UTC' %} at time zone '{{ timezone }}' at time zone 'UTC'{% endif %}
    end
{%- endmacro %}

{#-
    A naive timestamp from text, by the workspace's formats first and ISO 8601 otherwise. The cast alone would pass over
    what it does not know, PM and EST, and read 25-01-31 as a day of the year 25.
-#}
{% macro parsed_timestamp(expression) -%}
    {%- if var('timestamp_formats') -%}
    coalesce(
        try_strptime({{ expression }}, ['{{ var("timestamp_formats") | join("', '") }}']),
        {{ iso_value(expression, 'timestamp') }}
    )
    {%- else -%}
    {{ iso_value(expression, 'timestamp') }}
    {%- endif -%}
{%- endmacro %}

{% macro parsed_date(expression) -%}
    {%- if var('timestamp_formats') -%}
    cast({{ parsed_timestamp(expression) }} as date)
    {%- else -%}
    {{ iso_value(expression, 'date') }}
    {%- endif -%}
{%- endmacro %}

{% macro iso_value(expression, data_type) -%}
    case
        when {{ matches_pattern(expression, iso_pattern()) }} then try_cast({{ expression }} as {{ data_type }})
    end
{%- endmacro %}
{% macro iso_pattern() -%}
    ^\d{4}[-/]\d\d?[-/]\d\d?([ T]\d\d?:\d\d(:\d\d(\.\d+)?)?)?$
{%- endmacro %}

{#-
    For staging: a time that an export writes its own way (strptime formats) as ISO 8601, and a number with a decimal
    comma, currency signs or marks between thousands as plain digits. Other text stays as it is, for `staged` to judge.
-#}
{% macro iso_timestamp(expression, formats) -%}
    {{ adapter.dispatch('iso_timestamp')(expression, formats) }}
{%- endmacro %}
{% macro duckdb__iso_timestamp(expression, formats) -%}
    coalesce(
        cast(try_strptime({{ trimmed(expression) }}, ['{{ formats | join("', '") }}']) as varchar),
        cast({{ expression }} as varchar)
    )
{%- endmacro %}

{% macro plain_number(expression, decimal_mark) -%}
    {{ adapter.dispatch('plain_number')(expression, decimal_mark) }}
{%- endmacro %}
{% macro duckdb__plain_number(expression, decimal_mark) -%}
    {%- set thousands_mark = '.' if decimal_mark == ',' else ',' -%}
    {%- set digits = without_signs(expression) -%}
    case
        when regexp_matches(
            {{ digits }}, '^[+-]?(\d+|\d{1,3}([{{ thousands_mark }}]\d{3})+)([{{ decimal_mark }}]\d+)?$'
        )
            then replace(replace({{ digits }}, '{{ thousands_mark }}', ''), '{{ decimal_mark }}', '.')
        else cast({{ expression }} as varchar)
    end
{%- endmacro %}
{% macro without_signs(expression) -%}
    regexp_replace(cast({{ expression }} as varchar), '[$€£¥\s\p{Z}]', '', 'g')
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

{#- All but the scientific notation of the ids that name nothing end in no digit, and that has a plus in it. -#}
{% macro duckdb__names_nothing(name) -%}
    (
        ({{ name }}[-1] not between '0' and '9' or contains({{ name }}, '+'))
        and regexp_matches(lower({{ name }}), '{{ no_identity_pattern() }}')
    )
{%- endmacro %}

{#- Day of the week, Monday = 1 to Sunday = 7. -#}
{% macro iso_weekday(expression) -%}{{ adapter.dispatch('iso_weekday')(expression) }}{%- endmacro %}
{% macro duckdb__iso_weekday(expression) -%}isodow({{ expression }}){%- endmacro %}
{% macro spark__iso_weekday(expression) -%}(weekday({{ expression }}) + 1){%- endmacro %}

{#-
    What `warehouse load` makes of a person's address: HMAC-SHA256 of the trimmed lower-case text. Here for the demo
    company only, whose people are invented and whose files are read as they are: its key is empty, which RFC 2104 pads
    to 64 times 0x36, the digit 6, and 64 times 0x5c, a backslash.
-#}
{% macro hashed_without_secret(expression) -%}
    {%- set person = "lower(" ~ trimmed_or_null(expression) ~ ")" -%}
    {{ adapter.dispatch('hashed_without_secret')(person) }}
{%- endmacro %}
{% macro duckdb__hashed_without_secret(person) -%}
    sha256(encode(repeat(chr(92), 64)) || unhex(sha256(encode(repeat('6', 64) || {{ person }}))))
{%- endmacro %}
{% macro spark__hashed_without_secret(person) -%}
    sha2(concat(encode(repeat(chr(92), 64), 'utf-8'), unhex(sha2(concat(repeat('6', 64), {{ person }}), 256))), 256)
{%- endmacro %}

{#- A hash of a key in eight bytes, quick rather than safe; null of null. Two keys may have the same one. -#}
{% macro key_hash(expression) -%}
    case when {{ expression }} is not null then {{ adapter.dispatch('hash_of')(expression) }} end
{%- endmacro %}
{% macro duckdb__hash_of(expression) -%}hash({{ expression }}){%- endmacro %}
{% macro spark__hash_of(expression) -%}xxhash64({{ expression }}){%- endmacro %}

{#- The domain of an address, in lower case; null for what is no address. -#}
{% macro address_domain(expression) -%}
    nullif(regexp_extract(lower({{ trimmed(expression) }}), '@([^@]+)$', 1), '')
{%- endmacro %}

{#- Text without the addresses in it. -#}
{% macro masked_addresses(expression) -%}
    {{ adapter.dispatch('masked_addresses')(expression) }}
{%- endmacro %}
{% macro duckdb__masked_addresses(expression) -%}
    regexp_replace({{ expression }}, '{{ address_pattern() }}', '(address)', 'g')
{%- endmacro %}
{% macro spark__masked_addresses(expression) -%}
    regexp_replace({{ expression }}, '{{ address_pattern() }}', '(address)')
{%- endmacro %}
{% macro address_pattern() -%}
    [^\s/?&=#:,;<>()"@%]+(@|%40)[^\s/?&=#:,;<>()"@%]+\.[A-Za-z]{2,}
{%- endmacro %}

{#- 'true' for a domain of our own addresses; what the export says for any other. -#}
{% macro is_internal_domain(domain, otherwise='cast(null as varchar)') -%}
    {%- if var('internal_email_domains') -%}
    case
        when {{ domain }} in ('{{ var('internal_email_domains') | map('lower') | join("', '") }}') then 'true'
        else cast({{ otherwise }} as varchar)
    end
    {%- else -%}
    {{ otherwise }}
    {%- endif -%}
{%- endmacro %}

{#- What the first group of a regular expression finds, upper and lower case alike; null when nothing is found. -#}
{% macro url_part(expression, pattern) -%}
    nullif(regexp_extract({{ expression }}, '(?i){{ pattern }}', 1), '')
{%- endmacro %}

{#- A parameter of an address as it was before encoding; what nobody can decode stays as it is. -#}
{% macro url_parameter(url, name) -%}
    {%- set value = "replace(" ~ url_part(url, '[?&]' ~ name ~ '=([^&#]*)') ~ ", '+', ' ')" -%}
    nullif(trim({{ adapter.dispatch('url_decoded')(value) }}), '')
{%- endmacro %}
{% macro duckdb__url_decoded(expression) -%}coalesce(try(url_decode({{ expression }})), {{ expression }}){%- endmacro %}
{% macro spark__url_decoded(expression) -%}coalesce(try_url_decode({{ expression }}), {{ expression }}){%- endmacro %}

{#- The last value of an ordered window that is not null; goes before `over (...)`. -#}
{% macro last_known(expression) -%}{{ adapter.dispatch('last_known')(expression) }}{%- endmacro %}
{% macro duckdb__last_known(expression) -%}last_value({{ expression }} ignore nulls){%- endmacro %}
{% macro spark__last_known(expression) -%}last_value({{ expression }}) ignore nulls{%- endmacro %}
