-- Grain: one row per row of the files landed as payments. Key: the first column of the contract of payments.
{{ staged('payments', 'flat_file', table='payments', by_name=true) }}
