-- Grain: one row per row of the files landed as orders. Key: order_id. An e-mail address in guest_key is hashed.
{{ staged('orders', 'flat_file', table='orders', by_name=true, columns={
    'guest_key': hashed_address('guest_key'),
    'is_internal': is_internal_address('guest_key', otherwise='is_internal'),
}) }}
