{#- The row of all complete months has the sum of their rows, for a mart with both; `where` leaves rows out. -#}
{% test all_is_the_sum_of_months(model, column, where='true') %}
select
    coalesce(sum({{ column }}) filter (where period = 'all'), 0) as all_months,
    coalesce(sum({{ column }}) filter (where is_complete_period), 0) as sum_of_months
from {{ model }}
where {{ where }}
having
    coalesce(sum({{ column }}) filter (where period = 'all'), 0)
    <> coalesce(sum({{ column }}) filter (where is_complete_period), 0)
{% endtest %}
