-- Grain: one row per purchase order line. Key: purchase_receipt_id.
{{ staged('purchase_receipts', 'demo_erp', table='receipts', columns={
    'purchase_receipt_id': system_key('demo_erp', 'receipt_no'),
    'supplier_id': system_key('demo_shop', 'supplier_no'),
    'product_id': system_key('demo_shop', 'sku'),
    'ordered_on': 'ordered',
    'promised_on': 'promised',
    'received_on': 'received',
    'ordered_quantity': 'ordered_quantity',
    'received_quantity': 'received_quantity',
    'defective_quantity': 'defective',
    'unit_cost': 'unit_cost',
    'currency_code': 'currency',
}) }}
