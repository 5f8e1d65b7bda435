-- Grain: one row per row of the files landed as leads. Key: the first column of the contract of leads.
{{ staged('leads', 'flat_file', table='leads', by_name=true) }}
