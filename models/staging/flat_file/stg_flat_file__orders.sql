-- Grain: one row per row of the files landed as orders. Key: order_id.
{{ staged('orders', 'flat_file', table='orders', by_name=true, columns={
    'is_internal': is_internal_domain('guest_key_domain', otherwise='is_internal'),
}) }}
