-- Grain: one row per month end and item in stock. Key: inventory_snapshot_id.
{{ staged('inventory_snapshots', 'demo_erp', table='inventory', columns={
    'inventory_snapshot_id': system_key('demo_erp', "day || ':' || sku || ':' || location"),
    'snapshot_on': 'day',
    'product_id': system_key('demo_shop', 'sku'),
    'location': 'location',
    'quantity': 'quantity',
    'value_amount': 'value',
    'currency_code': 'currency',
}) }}
