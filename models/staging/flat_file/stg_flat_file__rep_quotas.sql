-- Grain: one row per row of the files landed as rep_quotas. Key: rep_quota_id, made of the columns that tell rows
-- apart when the file has none.
{{ staged(
    'rep_quotas', 'flat_file', table='rep_quotas', by_name=true,
    columns={
        'rep_quota_id': system_key(
            'flat_file', "coalesce(rep_quota_id, rep_id || ':' || quota_month)"
        ),
    },
) }}
