-- Grain: one row per day and campaign. Key: ad_spend_id. Additive. Clock: spent_on. Cost in the base currency at the
-- rate of the day.
select
    spend.ad_spend_id,
    spend.campaign_id,
    coalesce(spend.channel, campaigns.channel, 'unknown') as channel,
    {{ currency_or_base('spend.currency_code') }} as currency_code,
    coalesce(spend.impressions, 0) as impressions,
    coalesce(spend.clicks, 0) as clicks,
    spend.reported_conversions,
    cast({{ product('spend.cost', 'rates.rate_to_base') }} as decimal(18, 4)) as cost_amount,
    spend.cost as cost_amount_txn,
    spend.spent_on <= as_of.as_of_on as is_valid,
    spend.spent_on
from {{ ref('ad_spend') }} as spend
cross join {{ ref('int_as_of') }} as as_of
left join {{ ref('campaigns') }} as campaigns
    on spend.campaign_id = campaigns.campaign_id
{{ join_exchange_rate(currency_or_base('spend.currency_code'), 'spend.spent_on') }}
