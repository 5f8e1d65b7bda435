-- Grain: one row per row of the files landed as catalog_assignments. Key: catalog_assignment_id, made of the columns
-- that tell rows apart when the file has none.
{{ staged(
    'catalog_assignments', 'flat_file', table='catalog_assignments', by_name=true,
    columns={
        'catalog_assignment_id': system_key(
            'flat_file', "coalesce(catalog_assignment_id, catalog_id || ':' || account_id || ':' || valid_from)"
        ),
    },
) }}
