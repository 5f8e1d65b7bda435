-- Grain: one row per supplier of the shop. Key: supplier_id.
{{ staged('suppliers', 'demo_shop', table='suppliers', columns={
    'supplier_id': system_key('demo_shop', 'supplier_no'),
    'supplier_name': 'name',
    'country_code': 'country',
    'lead_time_days': 'lead_days',
    'payment_terms_days': 'payment_terms',
}) }}
