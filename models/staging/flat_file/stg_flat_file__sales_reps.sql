-- Grain: one row per row of the files landed as sales_reps. Key: the first column of the contract of sales_reps.
{{ staged('sales_reps', 'flat_file', table='sales_reps', by_name=true) }}
