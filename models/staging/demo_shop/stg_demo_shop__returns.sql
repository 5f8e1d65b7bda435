-- Grain: one row per returned order line. Key: return_id.
{{ staged('returns', 'demo_shop', table='returns', columns={
    'return_id': system_key('demo_shop', 'return_no'),
    'order_id': system_key('demo_shop', 'order_no'),
    'order_line_id': system_key('demo_shop', "order_no || ':' || line_no"),
    'returned_at': 'returned',
    'quantity': 'quantity',
    'refund_amount': 'refund',
    'currency_code': 'currency',
    'reason': 'reason',
    'is_restocked': 'restocked',
    'account_id': system_key('demo_crm', 'account_no'),
    'product_id': system_key('demo_shop', 'sku'),
    'credit_note_id': system_key('demo_shop', 'credit_note_no'),
}) }}
