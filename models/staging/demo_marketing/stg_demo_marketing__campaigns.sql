-- Grain: one row per campaign. Key: campaign_id.
{{ staged('campaigns', 'demo_marketing', table='campaigns', columns={
    'campaign_id': system_key('demo_marketing', 'campaign_no'),
    'campaign_name': 'name',
    'channel': 'channel',
    'starts_on': 'starts',
    'ends_on': 'ends',
    'source': 'source',
    'medium': 'medium',
    'objective': 'objective',
    'budget_amount': 'budget',
    'currency_code': 'currency',
}) }}
