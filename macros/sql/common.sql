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


{#-
    A quantile of whole numbers by how often each comes. The engine's own holds every value and spills none: the median
    of fifty million takes over 1.2 GB, and by their counts less than 0.2. `value_counts` are the columns of a query
    grouped by `groups` and `value`; over it, grouped by `groups`, `quantile_of_counts` is what percentile_cont is over
    the values.
-#}
{% macro value_counts(value, groups) -%}
    {%- set window = 'partition by ' ~ groups | join(', ') -%}
    {{ groups | join(', ') }},
    {{ value }},
    sum(count(*)) over (
        {{ window }} order by {{ value }} rows between unbounded preceding and current row
    ) as rows_until,
    sum(count(*)) over ({{ window }}) as rows_of_all
{%- endmacro %}

{% macro quantile_of_counts(value, share) -%}
    {%- set place = share ~ ' * (rows_of_all - 1)' -%}
    {%- set below = 'min(' ~ value ~ ') filter (where rows_until > floor(' ~ place ~ '))' -%}
    {%- set above = 'min(' ~ value ~ ') filter (where rows_until > ceil(' ~ place ~ '))' -%}
    cast({{ below }} as double) + ({{ above }} - {{ below }}) * max({{ place }} - floor({{ place }}))
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
    Two queries of a mart by month that also shows all complete months together, as period `all`: `periods`, its rows,
    and `period_months`, the months of each. `months` has month_start, is_complete and the column that says whether a
    month is one of all. all is no period to compare, so that is_complete leaves it out as well.
-#}
{% macro periods_and_their_months(months, is_in_all='is_complete') -%}
periods as (
    select
        cast(month_start as varchar) as period,
        month_start,
        is_complete
    from {{ months }}
    union all
    select
        'all' as period,
        cast(null as date) as month_start,
        false as is_complete
    from {{ months }}
    having count(*) > 0
),

period_months as (
    select
        cast(month_start as varchar) as period,
        month_start
    from {{ months }}
    union all
    select
        'all' as period,
        month_start
    from {{ months }}
    where {{ is_in_all }}
)
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
    Screening rejected rows whose own currency has no rate on their own day (dated_money), so that the left join finds
    one for them. For another day or another row's currency it may find none: the reader says what stands in.
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


{#- For what names an account, person or order: joins int_testers, and says whether a row is of testers or staff. -#}
{% macro join_testers(account_id=none, contact_id=none, order_id=none) -%}
{%- for record_type, id in {'account': account_id, 'contact': contact_id, 'order': order_id}.items() %}
left join {{ ref('int_testers') }} as test_{{ record_type }}s
    on
        {{ id or 'cast(null as varchar)' }} = test_{{ record_type }}s.record_id
        and test_{{ record_type }}s.record_type = '{{ record_type }}'
{%- endfor %}
{%- endmacro %}

{% macro is_tester() -%}
    coalesce(test_accounts.record_id, test_contacts.record_id, test_orders.record_id) is not null
{%- endmacro %}


{#-
    For a fact that names an account or a person: joins int_testers and as_of, and says whether a row counts: not of
    testers or staff, and not after the day the numbers are stated for.
-#}
{% macro join_account_and_as_of(account_id, contact_id=none, order_id=none) -%}
{{ join_testers(account_id, contact_id, order_id) }}
cross join {{ ref('int_as_of') }} as as_of
{%- endmacro %}

{% macro counts_on(day) -%}
    not ({{ is_tester() }})
    and coalesce({{ day }} <= as_of.as_of_on, false)
{%- endmacro %}


{#-
    One bound of Wilson's 95 % interval of a rate, `low` or `high`; null without trials. It stays within 0 and 1 and
    holds for small numbers, where the textbook interval does not (Wilson 1927). Of no success the lower bound is 0, of
    nothing but successes the upper one is 1: written out, as rounding would miss them by a little.
-#}
{% macro wilson_bound(successes, trials, bound) -%}
    case
        {% if bound == 'low' -%}
        when {{ trials }} > 0 and {{ successes }} = 0 then 0
        {% else -%}
        when {{ trials }} > 0 and {{ successes }} = {{ trials }} then 1
        {% endif -%}
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


{#-
    Both bounds of wilson_bound, as columns `<rate>_low` and `<rate>_high`; empty where `when` does not hold, and where
    the rate is no share: clicks may exceed opens. Trials are doubles, because the square of a decimal overflows.
-#}
{% macro wilson_bounds(successes, trials, rate, when=none) -%}
    {%- set condition = successes ~ ' between 0 and ' ~ trials ~ (' and ' ~ when if when else '') -%}
    {%- for bound in ['low', 'high'] -%}
    case when {{ condition }} then {{ wilson_bound(successes, 'cast(' ~ trials ~ ' as double)', bound) }} end
    {{- ' as ' ~ rate ~ '_' ~ bound ~ (',\n    ' if not loop.last else '') }}
    {%- endfor -%}
{%- endmacro %}


{#-
    One bound of the 95 % interval of NPS, `low` or `high`, cut at -100 and 100; null without answers. An answer is
    worth 100, 0 or -100 points, and opinions are the answers worth any: variance p + d - (p - d)^2, times 100^2.
-#}
{% macro nps_bound(points, opinions, answers, bound) -%}
    case
        when {{ answers }} > 0
            then {{ 'greatest' if bound == 'low' else 'least' }}(
                {{ ratio(points, answers) }} {{ '-' if bound == 'low' else '+' }} 1.959964 * sqrt(
                    greatest(10000 * {{ ratio(opinions, answers) }} - power({{ ratio(points, answers) }}, 2), 0)
                    / cast({{ answers }} as double)
                ),
                {{ '-' if bound == 'low' }}100
            )
    end
{%- endmacro %}


{#- A unique text that sorts events or sessions by time; the blank sorts a whole second before its fractions. -#}
{% macro position_in_time(timestamp, id) -%}
    cast({{ timestamp }} as varchar) || ' ' || {{ id }}
{%- endmacro %}
