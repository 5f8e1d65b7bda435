{#- A condition holds in every row; an unknown result fails, so that a null does not pass for a match. -#}
{% test every_row(model, condition) %}
select *
from {{ model }}
where ({{ condition }}) is distinct from true
{% endtest %}
