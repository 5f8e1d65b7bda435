{#-
    One select a measure of a fact (measure, month_start, segment, amount), each followed by `union all`. For
    kpi_board_measures, whose `periods` tells the segment.
-#}
{% macro board_measures(names_and_sums, day, relation, where, segment="coalesce(periods.segment, 'unknown')") %}
{% for name, amount in names_and_sums.items() %}
    select
        '{{ name }}' as measure,
        {{ month_of('facts.' ~ day) }} as month_start,
        {{ segment }} as segment,
        cast({{ amount }} as decimal(18, 4)) as amount
    from {{ relation }} as facts
    left join periods
        on facts.account_period_id = periods.account_period_id
    where {{ where }}
    group by {{ month_of('facts.' ~ day) }}, {{ segment }}
    union all
{% endfor %}
{% endmacro %}
