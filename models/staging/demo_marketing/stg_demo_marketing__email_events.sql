-- Grain: one row per event of an e-mail. Key: email_event_id.
{{ staged('email_events', 'demo_marketing', table='emails', columns={
    'email_event_id': system_key('demo_marketing', 'event_no'),
    'campaign_id': system_key('demo_marketing', 'campaign_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'event_name': 'event',
    'occurred_at': 'occurred',
    'is_machine': 'machine',
    'message_id': system_key('demo_marketing', 'message_no'),
}) }}
