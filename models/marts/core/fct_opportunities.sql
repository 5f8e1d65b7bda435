-- Grain: one row per deal as it stood at as_of, also of those that do not count: KPIs read is_valid only. Key:
-- opportunity_id. Additive over deals. Clocks: created_on, and closed_on for decided deals. amount is in the base
-- currency at the rate of the day the deal was opened.
select
    opportunities.opportunity_id,
    opportunities.account_id,
    account_periods.account_period_id,
    coalesce(opportunities.rep_id, account_periods.owner_rep_id) as rep_id,
    opportunities.lead_id,
    opportunities.campaign_id,
    opportunities.product_id,
    opportunities.exclusion_reason,
    opportunities.stage,
    opportunities.outcome,
    opportunities.opportunity_type,
    opportunities.lost_reason,
    opportunities.currency_code,
    opportunities.amount,
    opportunities.amount_txn,
    opportunities.exclusion_reason is null as is_valid,
    opportunities.expected_close_on,
    opportunities.created_on,
    opportunities.closed_on,
    opportunities.created_at,
    opportunities.closed_at
from {{ ref('int_opportunities_judged') }} as opportunities
{{ join_account_period('opportunities.account_id', 'opportunities.created_on') }}
