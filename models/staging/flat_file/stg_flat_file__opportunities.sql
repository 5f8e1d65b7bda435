-- Grain: one row per row of the files landed as opportunities. Key: the first column of the contract of
-- opportunities.
{{ staged('opportunities', 'flat_file', table='opportunities', by_name=true) }}
