-- Grain: one row per row of the files landed as agreements. Key: the first column of the contract of agreements.
{{ staged('agreements', 'flat_file', table='agreements', by_name=true) }}
