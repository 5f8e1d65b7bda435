-- Grain: one row per deal. Key: opportunity_id. A deal is decided on the local day it was last closed; closed without
-- an outcome means no decision, which counts as lost. A deal decided after as_of was still open then. The first reason
-- that applies keeps a deal out of KPIs (exclusion_reason):
--   test         of testers and staff
--   after_as_of  opened after the day the numbers are stated for
with opportunities as (
    select
        opportunities.*,
        coalesce(opportunities.currency_code, '{{ var("base_currency") }}') as deal_currency_code,
        {{ local_date('opportunities.created_at') }} as created_on,
        {{ local_date('opportunities.closed_at') }} as decided_on
    from {{ ref('opportunities') }} as opportunities
)

select
    opportunities.opportunity_id,
    opportunities.account_id,
    opportunities.rep_id,
    opportunities.lead_id,
    opportunities.campaign_id,
    opportunities.product_id,
    case
        when {{ is_tester() }} then 'test'
        when opportunities.created_on > as_of.as_of_on then 'after_as_of'
    end as exclusion_reason,
    opportunities.stage,
    case
        when opportunities.decided_on is null or opportunities.decided_on > as_of.as_of_on then 'open'
        when opportunities.outcome = 'won' then 'won'
        else 'lost'
    end as outcome,
    opportunities.deal_currency_code as currency_code,
    opportunities.amount as amount_txn,
    cast({{ product('opportunities.amount', 'rates.rate_to_base') }} as decimal(18, 4)) as amount,
    case when opportunities.decided_on <= as_of.as_of_on then opportunities.decided_on end as closed_on,
    opportunities.opportunity_type,
    opportunities.lost_reason,
    opportunities.expected_close_on,
    opportunities.created_on,
    opportunities.created_at,
    opportunities.closed_at
from opportunities
cross join {{ ref('int_as_of') }} as as_of
{{ join_exchange_rate('opportunities.deal_currency_code', 'opportunities.created_on') }}
{{ join_testers(account_id='opportunities.account_id') }}
