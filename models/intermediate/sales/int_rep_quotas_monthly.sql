-- Grain: one row per rep and month with a quota. Key: rep_id, quota_month. Additive. Quotas are in the base currency at
-- the rate of their day, the first of the month, which screening made sure of: one that had none would leave the
-- month's quota empty, not lower.
with quotas as (
    select
        rep_id,
        quota_month as quota_on,
        quota_amount,
        {{ currency_or_base('currency_code') }} as quota_currency_code
    from {{ ref('rep_quotas') }}
),

quotas_converted as (
    select
        quotas.rep_id,
        {{ month_of('quotas.quota_on') }} as quota_month,
        cast({{ product('quotas.quota_amount', 'rates.rate_to_base') }} as decimal(18, 4)) as quota_amount
    from quotas
    {{ join_exchange_rate('quotas.quota_currency_code', 'quotas.quota_on') }}
)

select
    rep_id,
    quota_month,
    case when count(*) = count(quota_amount) then sum(quota_amount) end as quota_amount
from quotas_converted
group by rep_id, quota_month
