-- Grain: one row per row of the files landed as quote_events. Key: quote_event_id, made of the columns that tell rows
-- apart when the file has none.
{{ staged(
    'quote_events', 'flat_file', table='quote_events', by_name=true,
    columns={
        'quote_event_id': system_key(
            'flat_file', "coalesce(quote_event_id, quote_id || ':' || state || ':' || occurred_at)"
        ),
    },
) }}
