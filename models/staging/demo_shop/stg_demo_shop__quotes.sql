-- Grain: one row per quote of the shop. Key: quote_id.
{{ staged('quotes', 'demo_shop', table='quotes', columns={
    'quote_id': system_key('demo_shop', 'quote_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'rep_id': system_key('demo_crm', 'rep_no'),
    'catalog_id': system_key('demo_shop', 'catalog_code'),
    'opportunity_id': system_key('demo_crm', 'deal_no'),
    'requested_at': 'requested',
    'first_responded_at': 'first_response',
    'sent_at': 'sent',
    'closed_at': 'closed',
    'expires_on': 'expires',
    'status': 'status',
    'currency_code': 'currency',
    'base_amount': 'base_value',
    'negotiated_amount': 'negotiated_value',
}) }}
