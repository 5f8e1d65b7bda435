-- Grain: one row per row of the files landed as targets. Key: target_id, made of the columns that tell rows apart
-- when the file has none.
{{ staged(
    'targets', 'flat_file', table='targets', by_name=true,
    columns={
        'target_id': system_key(
            'flat_file', "coalesce(target_id, metric || ':' || target_month)"
        ),
    },
) }}
