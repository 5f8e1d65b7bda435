-- Grain: one row per row of the files landed as inventory_snapshots. Key: inventory_snapshot_id, made of the columns
-- that tell rows apart when the file has none.
{{ staged(
    'inventory_snapshots', 'flat_file', table='inventory_snapshots', by_name=true,
    columns={
        'inventory_snapshot_id': system_key(
            'flat_file', "coalesce(inventory_snapshot_id, concat_ws(':', snapshot_on, product_id, location))"
        ),
    },
) }}
