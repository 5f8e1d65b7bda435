-- Grain: one row per row of the files landed as web_events. Key: event_id. A file without event ids gets them from
-- its row number, so repeats cannot be told.
{{ staged(
    'web_events', 'flat_file', table='web_events', by_name=true,
    columns={'event_id': system_key('flat_file', "coalesce(event_id, _source_file || ':' || _row_number)")},
) }}
