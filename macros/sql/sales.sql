{#- Shorthands of the models about quotes and deals. -#}

{#- Hours from a UTC timestamp to the end of the local day `as_of`, by the local clock. -#}
{% macro hours_until_end_of(day, start) -%}
    {{ hours_between(
        '(' ~ local_timestamp(start) ~ ')', 'cast(' ~ dbt.dateadd('day', 1, day) ~ ' as timestamp)'
    ) }}
{%- endmacro %}

{#- Median and 90th percentile of a measure, as two columns `median_<name>` and `p90_<name>`. -#}
{% macro median_and_p90(expression, name) -%}
    percentile_cont(0.5) within group (order by {{ expression }}) as median_{{ name }},
    percentile_cont(0.9) within group (order by {{ expression }}) as p90_{{ name }}
{%- endmacro %}

{#- Base currency a day: deals at hand x average won deal x win rate / average days to win. -#}
{% macro sales_velocity(deals, average_amount, win_rate, cycle_days) -%}
    cast({{ deals }} as double) * {{ average_amount }} * {{ win_rate }} / nullif({{ cycle_days }}, 0)
{%- endmacro %}
