-- Grain: one row per lead, also of those that do not count: KPIs read is_valid only. Key: lead_id. Additive. Clock:
-- created_on.
select
    leads.lead_id,
    leads.account_id,
    account_periods.account_period_id,
    leads.contact_id,
    leads.campaign_id,
    leads.exclusion_reason,
    leads.source,
    leads.status,
    leads.exclusion_reason is null as is_valid,
    leads.is_existing_customer,
    leads.is_converted,
    leads.created_on,
    leads.first_ordered_on,
    leads.created_at,
    leads.first_responded_at,
    leads.converted_at
from {{ ref('int_leads_judged') }} as leads
{{ join_account_period('leads.account_id', 'leads.created_on') }}
