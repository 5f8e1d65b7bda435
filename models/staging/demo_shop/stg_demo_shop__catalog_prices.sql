-- Grain: one row per price of an item in a catalog. Key: catalog_price_id.
{{ staged('catalog_prices', 'demo_shop', table='catalog_prices', columns={
    'catalog_price_id': system_key('demo_shop', "catalog_code || ':' || sku || ':' || valid_from"),
    'catalog_id': system_key('demo_shop', 'catalog_code'),
    'product_id': system_key('demo_shop', 'sku'),
    'unit_price': 'price',
    'currency_code': 'currency',
    'valid_from': 'valid_from',
    'valid_to': 'valid_to',
}) }}
