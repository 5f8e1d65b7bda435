-- Grain: one row per row of the files landed as activities. Key: the first column of the contract of activities.
{{ staged('activities', 'flat_file', table='activities', by_name=true) }}
