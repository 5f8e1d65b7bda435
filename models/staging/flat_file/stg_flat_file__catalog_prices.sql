-- Grain: one row per row of the files landed as catalog_prices. Key: catalog_price_id, made of the columns that tell
-- rows apart when the file has none.
{{ staged(
    'catalog_prices', 'flat_file', table='catalog_prices', by_name=true,
    columns={
        'catalog_price_id': system_key(
            'flat_file', "coalesce(catalog_price_id, catalog_id || ':' || product_id || ':' || valid_from)"
        ),
    },
) }}
