-- Grain: one row per order line in the shop. Key: order_line_id.
{{ staged('order_lines', 'demo_shop', table='order_lines', columns={
    'order_line_id': system_key('demo_shop', "order_no || ':' || line_no"),
    'order_id': system_key('demo_shop', 'order_no'),
    'product_id': system_key('demo_shop', 'sku'),
    'quantity': 'quantity',
    'list_unit_price': 'list_unit_price',
    'unit_price': 'unit_price',
    'discount_amount': 'discount',
    'unit_cost': 'unit_cost',
    'promised_on': 'promised',
}) }}
