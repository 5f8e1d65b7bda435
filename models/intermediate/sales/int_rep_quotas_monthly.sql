-- Grain: one row per rep and month with a quota. Key: rep_id, quota_month. Additive. Quotas are in the base currency
-- at the rate of the month's first day; empty when there is none.
with quotas as (
    select
        rep_id,
        {{ month_of('quota_month') }} as quota_month,
        quota_amount,
        {{ currency_or_base('currency_code') }} as quota_currency_code
    from {{ ref('rep_quotas') }}
    where rep_id is not null and quota_month is not null
)

select
    quotas.rep_id,
    quotas.quota_month,
    sum(cast({{ product('quotas.quota_amount', 'rates.rate_to_base') }} as decimal(18, 4))) as quota_amount
from quotas
{{ join_exchange_rate('quotas.quota_currency_code', 'quotas.quota_month') }}
group by quotas.rep_id, quotas.quota_month
