-- Grain: one row per row of the files landed as catalogs. Key: the first column of the contract of catalogs.
{{ staged('catalogs', 'flat_file', table='catalogs', by_name=true) }}
