-- Grain: one row per lead after merging repeats of one account. Key: lead_id. Additive. Clock: created_on.
select
    lead_id,
    account_id,
    campaign_id,
    source,
    is_existing_customer,
    is_converted,
    created_on,
    first_ordered_on,
    created_at
from {{ ref('int_leads_merged') }}
