-- Grain: one row per row of the files landed as suppliers. Key: the first column of the contract of suppliers.
{{ staged('suppliers', 'flat_file', table='suppliers', by_name=true) }}
