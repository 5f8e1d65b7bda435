-- Grain: one row per row of the files landed as opportunity_stages. Key: opportunity_stage_id, made of the columns
-- that tell rows apart when the file has none.
{{ staged(
    'opportunity_stages', 'flat_file', table='opportunity_stages', by_name=true,
    columns={
        'opportunity_stage_id': system_key(
            'flat_file', "coalesce(opportunity_stage_id, opportunity_id || ':' || stage || ':' || entered_at)"
        ),
    },
) }}
