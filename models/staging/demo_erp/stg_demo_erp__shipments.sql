-- Grain: one row per order line shipped. Key: shipment_line_id.
{{ staged('shipments', 'demo_erp', table='shipments', columns={
    'shipment_line_id': system_key('demo_erp', 'shipment_no'),
    'order_line_id': system_key('demo_shop', "order_no || ':' || line_no"),
    'shipped_at': 'shipped',
    'delivered_at': 'delivered',
    'quantity': 'quantity',
    'consignment_id': system_key('demo_erp', 'consignment_no'),
    'carrier': 'carrier',
}) }}
