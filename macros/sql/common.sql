{#- Portable shorthands. -#}

{#- Calendar day in the reporting time zone of a UTC timestamp. -#}
{% macro local_date(expression) -%}
    cast({{ local_timestamp(expression) }} as date)
{%- endmacro %}


{#- A ratio of sums as double; null, never zero or infinite, on an empty denominator. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}


{#- Columns as one delimited text, for comparing rows and hashing them: a,bc and ab,c must differ. -#}
{% macro row_text(columns) -%}
    concat_ws('|'
    {%- for name in columns %}, coalesce(replace(cast({{ name }} as varchar), '|', '||'), '|null|'){% endfor %})
{%- endmacro %}


{#- First day a rate is no longer in effect: the next rate's day, or the day it is too old. Over exchange_rates. -#}
{% macro rate_valid_until() -%}
    least(
        coalesce(
            lead(rate_on) over (partition by currency_code order by rate_on),
            cast({{ dbt.dateadd('day', var('exchange_rate_max_age_days') + 1, 'rate_on') }} as date)
        ),
        cast({{ dbt.dateadd('day', var('exchange_rate_max_age_days') + 1, 'rate_on') }} as date)
    )
{%- endmacro %}


{#- First day of a date's month. -#}
{% macro month_of(expression) -%}
    cast({{ dbt.date_trunc('month', expression) }} as date)
{%- endmacro %}


{#- Whether a day lies in the twelve months that end with as_of; the query has to join int_as_of as as_of. -#}
{% macro is_in_last_12_months(expression) -%}
    {{ expression }} > {{ dbt.dateadd('month', -12, 'as_of.as_of_on') }}
{%- endmacro %}


{#-
    Product of two decimals, wide enough for any amount of money. DuckDB keeps the storage width of its factors: two
    decimal(18,4) give decimal(18,8), which overflows at ten thousand million.
-#}
{% macro product(factor, other_factor) -%}
    cast({{ factor }} as decimal(38, 8)) * {{ other_factor }}
{%- endmacro %}
