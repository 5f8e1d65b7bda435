-- Grain: one row per row of the files landed as invoices. Key: the first column of the contract of invoices.
{{ staged('invoices', 'flat_file', table='invoices', by_name=true) }}
