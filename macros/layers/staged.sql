{#-
    The body of a staging model: maps one raw table to an entity, casts it by the entity's contract, and
    says in `rejection` why a row does not fit (empty when it does). No row is dropped here.

    Arguments
      entity        conformed entity whose contract applies
      system        the system exporting the table (also the prefix of its keys)
      table         raw table name, as rejected_rows and reconciliation report it; none for rows that are
                    derived from a table already counted elsewhere
      columns       {contract column: SQL expression over the raw row}; columns not mapped stay null
      by_name       true when the raw columns bear the contract's own names: then all are mapped, and `columns`
                    holds the exceptions only
      relation      where the raw rows are read; by default the raw table itself
      not_a_sale    SQL expression giving the reason why a raw row is no row of this entity, else null
-#}
{% macro staged(entity, system, table, columns={}, by_name=false, relation=none, not_a_sale=none) %}
{%- set contract = contract_columns(entity) -%}
{%- set timezone = var('source_timezones').get(system, 'UTC') -%}
{%- set mapped = dict(columns_named_as_contract(entity, system) if by_name else {}, **columns) -%}
{%- for name in (mapped if execute else []) if name not in contract | map(attribute='name') -%}
    {{ exceptions.raise_compiler_error("'" ~ name ~ "' is not a column of the contract of " ~ entity ~ ".") }}
{%- endfor -%}
{%- set problems = [] -%}
{%- for column in contract if column.name != 'source_system' -%}
    {%- if column.name in mapped -%}
        {%- do problems.append(value_problem(column)) -%}
    {%- elif column.rules.required -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ " does not map '" ~ column.name ~ "', which " ~ entity ~ " requires."
        ) }}
    {%- endif -%}
{%- endfor -%}
with raw_rows as (
    select * from {{ relation or raw(system, table) }}
),

mapped as (
    select
        {%- for column in contract if column.name in mapped %}
        {{ mapped[column.name] }} as {{ column.name }},
        {%- endfor %}
        {{ not_a_sale or 'cast(null as varchar)' }} as no_row_of_entity,
        raw_rows._batch_id,
        raw_rows._source_file,
        raw_rows._row_number,
        raw_rows._loaded_at,
        {{ row_fields('raw_rows', shown_columns(system, table) if relation is none else none) }} as raw_fields
    from raw_rows
),

renamed as (
    select
        {%- for column in contract if column.name in mapped %}
        {% if is_system_key(mapped[column.name]) -%}
        {{ column.name }},
        {%- else -%}
        {{ trimmed_or_null(column.name) }} as {{ column.name }},
        {%- endif -%}
        {%- endfor %}
        no_row_of_entity,
        _batch_id,
        _source_file,
        _row_number,
        _loaded_at,
        raw_fields
    from mapped
),

typed as (
    select
        {%- for column in contract if column.name in mapped %}
        {{ column.name }} as raw_{{ column.name }},
        {{ typed(column.name, column.type, timezone, column.rules) }} as {{ column.name }},
        {%- endfor %}
        no_row_of_entity,
        _batch_id,
        _source_file,
        _row_number,
        _loaded_at,
        raw_fields
    from renamed
),

judged as (
    select
        *,
        coalesce('not_a_sale: ' || no_row_of_entity, nullif(concat_ws('; '{% for problem in problems if problem %},
            {{ problem }}{% endfor %}), '')) as rejection
    from typed
)

select
    {%- for column in contract if column.name != 'source_system' %}
    {% if column.name in mapped -%}
    {{ column.name }},
    {%- else -%}
    cast(null as {{ column.type }}) as {{ column.name }},
    {%- endif %}
    {%- endfor %}
    '{{ system }}' as source_system,
    cast({{ "'" ~ table ~ "'" if table else 'null' }} as varchar) as source_table,
    cast(_batch_id as varchar) as batch_id,
    cast(_source_file as varchar) as source_file,
    cast(_row_number as bigint) as row_number,
    cast(_loaded_at as timestamp) as loaded_at,
    rejection,
    {{ fields_as_json('raw_fields') }} as raw_row,
    -- the same of rejected rows only, so that a reader of millions of good ones does not write each as text
    case when rejection is not null then {{ fields_as_json('raw_fields') }} end as rejected_row
from judged
{% endmacro %}


{#-
    The raw columns that a rejected row may show: those declared for the table, except the ones that are hashed or
    dropped when they are loaded.
-#}
{% macro shown_columns(system, table) %}
    {% set shown = [] %}
    {% for source in (graph.sources.values() if execute else [])
        if source.source_name == system and source.name == table %}
        {% for column in source.columns.values()
            if (column.config.meta or column.meta).personal not in ('hash', 'drop') %}
            {% do shown.append(column.name) %}
        {% endfor %}
        {% if not source.columns %}
            {% for column in contract_columns(table)
                if column.name != 'source_system' and column.rules.personal not in ('hash', 'drop') %}
                {% do shown.append(column.name) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(shown) }}
{% endmacro %}


{#- An export that already bears the contract's names: ids get the system's prefix, the rest is cast. -#}
{% macro columns_named_as_contract(entity, system) %}
    {% set mapped = {} %}
    {% for column in contract_columns(entity) if column.name != 'source_system' %}
        {% do mapped.update({
            column.name: system_key(system, column.name) if column.name.endswith('_id') else column.name
        }) %}
    {% endfor %}
    {{ return(mapped) }}
{% endmacro %}


{#- The key of a record of another system or of this one: `<system>:<id>`, null when the id is empty. -#}
{% macro system_key(system, expression) -%}
    '{{ system }}:' || /* trimmed */ {{ trimmed_or_null(expression) }}
{%- endmacro %}

{#- Whether an expression is such a key, which needs no second trimming. -#}
{% macro is_system_key(expression) -%}
    {{ return(modules.re.match("'[a-z0-9_]+:' [|][|] /[*] trimmed [*]/ ", expression | trim) is not none) }}
{%- endmacro %}


{#-
    The id of a row, or for an export that has none: what is in the row, and which of several equal rows of its load it
    is. The same row loaded again is known again; a row that changed is another one. For the `columns` of staged.
-#}
{% macro id_or_content(id, prefix, columns) -%}
    coalesce({{ id }}, {{ prefix }} || ':' || substr(md5({{ row_text(columns) }}), 1, 12) || ':' || row_number() over (
        partition by _batch_id, {{ columns | join(', ') }} order by _row_number
    ))
{%- endmacro %}


{#- Whether a column names a thing or a person, so that equal values are one of them. -#}
{% macro is_identity(name) -%}
    {{ return(name.endswith('_id') or name.endswith('_key') or name.endswith('_hash')) }}
{%- endmacro %}


{#-
    Ids that name nothing. Spreadsheets round long numbers to 4.7E+11, exports write NULL or #N/A for what is empty:
    taken at their word, all rows that bear one would be one order, or one customer.
-#}
{% macro no_identity_pattern() -%}
    ^([^:]*:)?([0-9]+([.][0-9]+)?e[+][0-9]+|null|none|nan|nat|<na>|#?n/a|#(ref|value|name|null|num|div/0)[!?]|-+|[?]+)$
{%- endmacro %}


{#- Whether an id, trimmed, is one of those. -#}
{% macro names_nothing(name) -%}{{ adapter.dispatch('names_nothing')(name) }}{%- endmacro %}
{% macro default__names_nothing(name) -%}
    {{ matches_pattern('lower(' ~ name ~ ')', no_identity_pattern()) }}
{%- endmacro %}


{#- One trimmed text cast to its contract type; null when it does not fit. -#}
{% macro typed(name, data_type, timezone, rules) -%}
    {%- if data_type == 'varchar' and is_identity(name) -%}
    case when {{ names_nothing(name) }} then null else {{ name }} end
    {%- elif data_type == 'varchar' and rules.accepted_values -%}
    lower({{ name }})
    {%- elif name in ('currency_code', 'country_code') -%}
    upper({{ name }})
    {%- elif data_type == 'varchar' -%}
    {{ name }}
    {%- elif data_type == 'timestamp' -%}
    {{ utc_timestamp(name, timezone) }}
    {%- elif data_type == 'date' -%}
    {{ parsed_date(name) }}
    {%- elif data_type in ('integer', 'bigint') -%}
    {#- a cast alone would round 1.5 to 2 and call it typed -#}
    case
        when try_cast({{ name }} as double) = floor(try_cast({{ name }} as double))
            then try_cast({{ name }} as {{ data_type }})
    end
    {%- elif data_type == 'double' -%}
    {#- neither infinite nor not-a-number: one such value makes every sum and mean the same -#}
    case when abs(try_cast({{ name }} as double)) < 1e300 then try_cast({{ name }} as double) end
    {%- elif data_type.startswith('decimal') and not name.endswith('_amount') -%}
    {#- Prices, quantities and rates are multiplied: a price of 0.00004 must not become 0, for a million pieces. What
        floating point leaves of a number that was exact is cut off. -#}
    case
        when abs(try_cast({{ name }} as double) - try_cast({{ name }} as {{ data_type }}))
            <= greatest(abs(try_cast({{ name }} as double)) / 1000, 1e-9)
            then try_cast({{ name }} as {{ data_type }})
    end
    {%- else -%}
    try_cast({{ name }} as {{ data_type }})
    {%- endif -%}
{%- endmacro %}


{#- SQL that says what is wrong with a value, null when nothing is; none when nothing can be. -#}
{% macro value_problem(column) %}
    {%- set name = column.name -%}
    {%- set raw_text = "raw_" ~ name -%}
    {%- set whens = [] -%}
    {%- if column.type != 'varchar' or is_identity(name) -%}
        {%- do whens.append(
            "when " ~ name ~ " is null and " ~ raw_text ~ " is not null"
            ~ " then 'untypable_value: " ~ name ~ " \"' || " ~ raw_text ~ " || '\" "
            ~ ("is no id; leave it empty if there is none" if column.type == 'varchar' else "is not a " ~ column.type)
            ~ "'"
        ) -%}
    {%- endif -%}
    {%- if column.rules.required -%}
        {%- do whens.append(
            "when " ~ name ~ " is null then '"
            ~ ('missing_key: ' if name.endswith('_id') else 'missing_value: ') ~ name ~ " is empty'"
        ) -%}
    {%- endif -%}
    {%- if column.rules.accepted_values -%}
        {%- do whens.append(
            "when " ~ name ~ " not in ('" ~ column.rules.accepted_values | join("', '") ~ "')"
            ~ " then 'unknown_code: " ~ name ~ " \"' || " ~ raw_text ~ " || '\" is none of "
            ~ column.rules.accepted_values | join(", ") ~ "'"
        ) -%}
    {%- endif -%}
    {%- if column.type in ('timestamp', 'date') and not column.rules.open_ended -%}
        {%- do whens.append(
            "when " ~ name ~ " < cast('" ~ var('plausible_from') ~ "' as " ~ column.type ~ ")"
            ~ " or " ~ name ~ " >= cast('" ~ var('plausible_until') ~ "' as " ~ column.type ~ ")"
            ~ " then 'implausible_date: " ~ name ~ " ' || " ~ raw_text
        ) -%}
    {%- endif -%}
    {%- if column.type == 'timestamp' and not column.rules.open_ended -%}
        {#- One order dated years ahead would move as_of there and make every customer a lost one. Two days allow
            for the time zones of the export and of the machine that loaded it. -#}
        {%- do whens.append(
            "when " ~ name ~ " > _loaded_at + interval 2 day then 'implausible_date: " ~ name ~ " ' || " ~ raw_text
            ~ " || ' is later than the day it was loaded'"
        ) -%}
    {%- endif -%}
    {{ return('case ' ~ whens | join(' ') ~ ' end' if whens else none) }}
{% endmacro %}
