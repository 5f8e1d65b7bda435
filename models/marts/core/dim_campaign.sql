-- Grain: one row per campaign, those that only spend, e-mails, leads or deals name included. Key: campaign_id.
{% set entities_naming_campaigns = ['ad_spend', 'email_events', 'leads', 'opportunities'] %}
with named_campaigns as (
    {% for entity in entities_naming_campaigns -%}
    select campaign_id from {{ ref(entity) }}
    where campaign_id is not null
    union
    {% endfor -%}
    select campaign_id from {{ ref('campaigns') }}
)

select
    named_campaigns.campaign_id,
    coalesce(campaigns.campaign_name, named_campaigns.campaign_id) as campaign_name,
    campaigns.channel,
    campaigns.source,
    campaigns.medium,
    campaigns.objective,
    {{ currency_or_base('campaigns.currency_code') }} as currency_code,
    campaigns.budget_amount as budget_amount_txn,
    campaigns.campaign_id is not null as is_listed,
    campaigns.starts_on,
    campaigns.ends_on
from named_campaigns
left join {{ ref('campaigns') }} as campaigns
    on named_campaigns.campaign_id = campaigns.campaign_id
