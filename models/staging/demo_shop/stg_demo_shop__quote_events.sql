-- Grain: one row per change of state of a quote. Key: quote_event_id.
{{ staged('quote_events', 'demo_shop', table='quote_events', columns={
    'quote_event_id': system_key('demo_shop', "quote_no || ':' || event_no"),
    'quote_id': system_key('demo_shop', 'quote_no'),
    'state': 'state',
    'actor': 'actor',
    'occurred_at': 'occurred',
    'offered_amount': 'offered',
}) }}
