-- Grain: one row. The day all numbers are stated for: the workspace's as_of, else the last local day with an order or
-- a web event, so that the same data give the same numbers whenever they are built. The first day of data goes with
-- it, because the first month may be as partial as the last. Both null when there is no data.
with activity as (
    select {{ local_date('ordered_at') }} as active_on from {{ ref('orders') }}
    union all
    select {{ local_date('occurred_at') }} as active_on from {{ ref('web_events') }}
)

select
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as date) as as_of_on,
    {%- else -%}
    max(active_on) as as_of_on,
    {%- endif %}
    min(active_on) as data_starts_on
from activity
