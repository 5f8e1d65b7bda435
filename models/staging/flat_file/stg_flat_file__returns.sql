-- Grain: one row per row of the files landed as returns. Key: return_id. A file without return ids gets them from its
-- row number.
{{ staged(
    'returns', 'flat_file', table='returns', by_name=true,
    columns={'return_id': system_key('flat_file', "coalesce(return_id, _source_file || ':' || _row_number)")},
) }}
