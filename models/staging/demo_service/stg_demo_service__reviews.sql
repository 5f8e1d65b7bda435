-- Grain: one row per review of an item. Key: review_id.
{{ staged('reviews', 'demo_service', table='reviews', columns={
    'review_id': system_key('demo_service', 'review_no'),
    'product_id': system_key('demo_shop', 'sku'),
    'account_id': system_key('demo_crm', 'account_no'),
    'score': 'score',
    'reviewed_at': 'reviewed',
    'contact_id': system_key('demo_crm', 'contact_no'),
    'order_id': system_key('demo_shop', 'order_no'),
}) }}
