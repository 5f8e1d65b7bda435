-- Grain: one row per deal in the CRM, in its latest state. Key: opportunity_id.
{{ staged('opportunities', 'demo_crm', table='opportunities', columns={
    'opportunity_id': system_key('demo_crm', 'deal_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'rep_id': system_key('demo_crm', 'rep_no'),
    'lead_id': system_key('demo_crm', 'lead_no'),
    'campaign_id': system_key('demo_marketing', 'campaign_no'),
    'product_id': system_key('demo_shop', 'sku'),
    'stage': 'stage',
    'amount': 'amount',
    'currency_code': 'currency',
    'created_at': 'created',
    'expected_close_on': 'expected_close',
    'closed_at': 'closed',
    'outcome': 'outcome',
    'opportunity_type': 'deal_type',
    'lost_reason': 'lost_reason',
}) }}
