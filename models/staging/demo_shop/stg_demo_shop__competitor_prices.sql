-- Grain: one row per price seen at a competitor. Key: competitor_price_id.
{{ staged('competitor_prices', 'demo_shop', table='competitor_prices', columns={
    'competitor_price_id': system_key('demo_shop', "sku || ':' || competitor || ':' || seen"),
    'product_id': system_key('demo_shop', 'sku'),
    'competitor_name': 'competitor',
    'observed_on': 'seen',
    'unit_price': 'price',
    'currency_code': 'currency',
    'is_in_stock': 'in_stock',
}) }}
