-- Grain: one row per row of the files landed as orders. Key: the first column of the contract of orders.
{{ staged('orders', 'flat_file', table='orders', by_name=true) }}
