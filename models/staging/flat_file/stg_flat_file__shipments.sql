-- Grain: one row per row of the files landed as shipments. Key: the first column of the contract of shipments.
{{ staged('shipments', 'flat_file', table='shipments', by_name=true) }}
