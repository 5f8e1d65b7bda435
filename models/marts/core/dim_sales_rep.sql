-- Grain: one row per sales rep. Key: rep_id.
select
    rep_id,
    coalesce(rep_name, rep_id) as rep_name,
    manager_name,
    team,
    region
from {{ ref('sales_reps') }}
