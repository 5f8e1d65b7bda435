-- Grain: one row per row of the files landed as campaigns. Key: the first column of the contract of campaigns.
{{ staged('campaigns', 'flat_file', table='campaigns', by_name=true) }}
