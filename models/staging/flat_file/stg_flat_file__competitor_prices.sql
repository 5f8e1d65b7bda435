-- Grain: one row per row of the files landed as competitor_prices. Key: competitor_price_id, made of the columns that
-- tell rows apart when the file has none.
{{ staged(
    'competitor_prices', 'flat_file', table='competitor_prices', by_name=true,
    columns={
        'competitor_price_id': system_key(
            'flat_file', "coalesce(competitor_price_id, product_id || ':' || competitor_name || ':' || observed_on)"
        ),
    },
) }}
