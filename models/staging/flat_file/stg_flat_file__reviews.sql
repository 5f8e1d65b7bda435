-- Grain: one row per row of the files landed as reviews. Key: the first column of the contract of reviews.
{{ staged('reviews', 'flat_file', table='reviews', by_name=true) }}
