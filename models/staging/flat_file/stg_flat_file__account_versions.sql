-- Grain: one row per row of the files landed as account_versions. Key: account_version_id, made of the columns that
-- tell rows apart when the file has none.
{{ staged(
    'account_versions', 'flat_file', table='account_versions', by_name=true,
    columns={
        'account_version_id': system_key(
            'flat_file', "coalesce(account_version_id, account_id || ':' || valid_from)"
        ),
    },
) }}
