-- Grain: one row per item of the shop. Key: product_id.
{{ staged('products', 'demo_shop', table='products', columns={
    'product_id': system_key('demo_shop', 'sku'),
    'sku': 'sku',
    'product_name': 'name',
    'category': 'category',
    'product_type': 'kind',
    'supplier_id': system_key('demo_shop', 'supplier_no'),
    'unit_cost': 'unit_cost',
    'list_price': 'list_price',
    'currency_code': 'currency',
    'unit_of_measure': 'unit',
    'status': 'status',
    'launched_on': 'launched',
}) }}
