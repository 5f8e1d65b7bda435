-- Grain: one row per deal as it stood at as_of. Key: opportunity_id. Additive over deals. Clocks: created_on, and
-- closed_on for decided deals. amount is in the base currency at the rate of the day the deal was opened.
select
    opportunity_id,
    account_id,
    rep_id,
    lead_id,
    campaign_id,
    product_id,
    stage,
    outcome,
    currency_code,
    amount,
    amount_txn,
    expected_close_on,
    created_on,
    closed_on,
    created_at,
    closed_at
from {{ ref('int_opportunities_judged') }}
