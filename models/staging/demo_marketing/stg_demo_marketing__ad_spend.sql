-- Grain: one row per day and paid campaign. Key: ad_spend_id.
{{ staged('ad_spend', 'demo_marketing', table='ad_spend', columns={
    'ad_spend_id': system_key('demo_marketing', "campaign_no || ':' || day"),
    'spent_on': 'day',
    'campaign_id': system_key('demo_marketing', 'campaign_no'),
    'channel': 'channel',
    'impressions': 'impressions',
    'clicks': 'clicks',
    'cost': 'cost',
    'currency_code': 'currency',
    'reported_conversions': 'reported_conversions',
}) }}
