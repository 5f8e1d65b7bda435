-- Grain: one row per row of the files landed as products. Key: the first column of the contract of products.
{{ staged('products', 'flat_file', table='products', by_name=true) }}
