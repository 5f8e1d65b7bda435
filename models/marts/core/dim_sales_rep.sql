-- Grain: one row per sales rep, those that only other exports name included. Key: rep_id.
{% set entities_naming_reps = ['orders', 'quotes', 'opportunities', 'activities', 'agreements', 'rep_quotas'] %}
with named_reps as (
    {% for entity in entities_naming_reps -%}
    select rep_id from {{ ref(entity) }}
    where rep_id is not null
    union
    {% endfor -%}
    select owner_rep_id as rep_id from {{ ref('int_account_periods') }}
    where owner_rep_id is not null
    union
    select rep_id from {{ ref('sales_reps') }}
)

select
    named_reps.rep_id,
    coalesce(reps.rep_name, named_reps.rep_id) as rep_name,
    reps.manager_name,
    reps.team,
    reps.region,
    reps.rep_id is not null as is_listed,
    reps.hired_on
from named_reps
left join {{ ref('sales_reps') }} as reps
    on named_reps.rep_id = reps.rep_id
