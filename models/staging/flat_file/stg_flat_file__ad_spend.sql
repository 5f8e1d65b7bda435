-- Grain: one row per row of the files landed as ad_spend. Key: ad_spend_id, made of the columns that tell rows apart
-- when the file has none.
{{ staged(
    'ad_spend', 'flat_file', table='ad_spend', by_name=true,
    columns={
        'ad_spend_id': system_key(
            'flat_file', "coalesce(ad_spend_id, campaign_id || ':' || spent_on)"
        ),
    },
) }}
