{#-
    A reference points to a row of `to`. An entity that no system provides is empty, and then there is
    nothing to resolve against; the built-in relationships test would fail every row.
-#}
{% test resolves(model, column_name, to, field) %}
select child.{{ column_name }}
from {{ model }} as child
left join {{ to }} as parent
    on child.{{ column_name }} = parent.{{ field }}
where
    child.{{ column_name }} is not null
    and parent.{{ field }} is null
    and (select count(*) from {{ to }}) > 0
{% endtest %}
