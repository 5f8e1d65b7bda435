{#-
    Hours between two UTC timestamps that fall into business hours, to the second: Monday to Friday,
    business_hours_from to business_hours_until of the reporting time zone; holidays are working days. Null when
    either end is unknown. What comes outside business hours waits from the next opening on.
-#}
{% macro business_hours_between(start, finish) -%}
    (({{ business_seconds_until(finish) }} - {{ business_seconds_until(start) }}) / 3600)
{%- endmacro %}


{#- Business seconds from a Monday long ago to a UTC timestamp; only differences mean something. -#}
{% macro business_seconds_until(moment) -%}
    {%- set local_moment = '(' ~ local_timestamp(moment) ~ ')' -%}
    {%- set local_day = local_date(moment) -%}
    {%- set opening = 3600 * var('business_hours_from') -%}
    {%- set seconds_a_day = 3600 * var('business_hours_until') - opening -%}
    {%- set days = dbt.datediff("cast('2000-01-03' as date)", local_day, 'day') -%}
    {%- set second_of_day = dbt.datediff('cast(' ~ local_day ~ ' as timestamp)', local_moment, 'second') -%}
    (
        {{ seconds_a_day }}
        * (5 * floor(cast({{ days }} as double) / 7) + least({{ iso_weekday(local_day) }} - 1, 5))
        + case
            when {{ iso_weekday(local_day) }} <= 5
                then least(greatest({{ second_of_day }} - {{ opening }}, 0), {{ seconds_a_day }})
            else 0
        end
    )
{%- endmacro %}
