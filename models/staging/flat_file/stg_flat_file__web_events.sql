-- Grain: one row per row of the files landed as web_events. Key: event_id. A file without event ids gets them from
-- its content.
{{ staged(
    'web_events', 'flat_file', table='web_events', by_name=true,
    columns={
        'event_id': system_key('flat_file', id_or_content(
            'event_id', "coalesce(visitor_id, 'anonymous')",
            ['visitor_id', 'occurred_at', 'event_name', 'page_url', 'product_id', 'order_id']
        )),
    },
) }}
