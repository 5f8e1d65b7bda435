{#- Portable shorthands. -#}

{#- Calendar day in the reporting time zone of a UTC timestamp. -#}
{% macro local_date(expression) -%}
    cast({{ local_timestamp(expression) }} as date)
{%- endmacro %}


{#- A ratio of sums as double; null, never zero or infinite, on an empty denominator. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}


{#-
    Sums of doubles depend in their last digits on the order of the rows, which an engine with several threads does not
    keep: two builds of the same data differed in four marts. Sums of decimals do not; 15 places are what a double has;
    what can be large is given fewer: 8 leave room for 30 digits before the point.
    `frame` is what follows the aggregate, `filter (...)` or `over (...)`.
-#}
{% macro stable_sum(expression, frame='', places=15) -%}
    cast(sum(cast({{ expression }} as decimal(38, {{ places }}))){{ ' ' ~ frame if frame }} as double)
{%- endmacro %}

{% macro stable_mean(expression, frame='') -%}
    {{ stable_sum(expression, frame) }} / nullif(count({{ expression }}){{ ' ' ~ frame if frame }}, 0)
{%- endmacro %}

{#-
    Variance of a sample; null under two values, which greatest would take for none. Rounding may leave a little less
    than none, which is none.
-#}
{% macro stable_variance(expression, frame='', places=15) -%}
    {%- set values = 'count(' ~ expression ~ ')' ~ (' ' ~ frame if frame else '') -%}
    case
        when {{ values }} > 1
            then greatest(
                {{ stable_sum('power(' ~ expression ~ ', 2)', frame, places) }}
                - power({{ stable_sum(expression, frame, places) }}, 2) / {{ values }},
                0
            ) / ({{ values }} - 1)
    end
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


{#-
    Joins the exchange rate that is in effect for a currency on a day, as `rates`; the base currency always has one.
    Screening rejected what has no rate, so a left join loses nothing where the day may be empty.
-#}
{% macro join_exchange_rate(currency_code, day, alias='rates') -%}
left join {{ ref('int_exchange_rate_periods') }} as {{ alias }}
    on
        {{ currency_code }} = {{ alias }}.currency_code
        and {{ day }} >= {{ alias }}.valid_from
        and {{ day }} < {{ alias }}.valid_until
{%- endmacro %}


{#- Joins what an account was like on a day (segment, owner, catalog), as `account_periods`. -#}
{% macro join_account_period(account_id, day) -%}
left join {{ ref('int_account_periods') }} as account_periods
    on
        {{ account_id }} = account_periods.account_id
        and {{ day }} >= account_periods.valid_from
        and {{ day }} < account_periods.valid_until
{%- endmacro %}


{#- A currency code, or the base currency for an amount that names none. -#}
{% macro currency_or_base(expression) -%}
    coalesce({{ expression }}, '{{ var("base_currency") }}')
{%- endmacro %}


{#- An amount times a quotient, as money: a share of it, or its value in another currency by the rates of both. -#}
{% macro scaled(amount, numerator, denominator) -%}
    cast({{ product(amount, '(' ~ numerator ~ ')') }} / ({{ denominator }}) as decimal(18, 4))
{%- endmacro %}


{#- Hours between two timestamps, to the second. -#}
{% macro hours_between(start, finish) -%}
    cast({{ dbt.datediff(start, finish, 'second') }} as double) / 3600
{%- endmacro %}


{#- First and last day of time, for what holds without a known beginning or end. -#}
{% macro beginning() -%}cast('0001-01-01' as date){%- endmacro %}
{% macro end_of_time() -%}cast('9999-12-31' as date){%- endmacro %}


{#-
    For a fact that names an account: joins the account and as_of, and says whether a row counts: not of testers or
    staff, and not after the day the numbers are stated for.
-#}
{% macro join_account_and_as_of(account_id) -%}
left join {{ ref('accounts') }} as accounts
    on {{ account_id }} = accounts.account_id
cross join {{ ref('int_as_of') }} as as_of
{%- endmacro %}

{% macro counts_on(day) -%}
    not coalesce(accounts.is_test, false)
    and coalesce({{ day }} <= as_of.as_of_on, false)
{%- endmacro %}


{#-
    One bound of Wilson's 95 % interval of a rate, `low` or `high`; null without trials. It stays within 0 and 1 and
    holds for small numbers, where the textbook interval does not (Wilson 1927).
-#}
{% macro wilson_bound(successes, trials, bound) -%}
    case
        when {{ trials }} > 0
            then (
                {{ ratio(successes, trials) }} + {{ 1.959964 ** 2 / 2 }} / {{ trials }}
                {{ '-' if bound == 'low' else '+' }} 1.959964 * sqrt(
                    {{ ratio(successes, trials) }} * (1 - {{ ratio(successes, trials) }}) / {{ trials }}
                    + {{ 1.959964 ** 2 / 4 }} / ({{ trials }} * {{ trials }})
                )
            ) / (1 + {{ 1.959964 ** 2 }} / {{ trials }})
    end
{%- endmacro %}


{#- Whether a rate has enough behind it to be shown (min_reportable_n). -#}
{% macro is_reportable(trials) -%}
    coalesce({{ trials }} >= {{ var('min_reportable_n') }}, false)
{%- endmacro %}


{#- A unique text that sorts events or sessions by time; the blank sorts a whole second before its fractions. -#}
{% macro position_in_time(timestamp, id) -%}
    cast({{ timestamp }} as varchar) || ' ' || {{ id }}
{%- endmacro %}
