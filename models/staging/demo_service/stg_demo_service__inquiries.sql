-- Grain: one row per ticket of the service desk. Key: inquiry_id.
{{ staged('inquiries', 'demo_service', table='tickets', columns={
    'inquiry_id': system_key('demo_service', 'ticket_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'channel': 'channel',
    'created_at': 'created',
    'first_responded_at': 'first_response',
    'resolved_at': 'resolved',
    'order_id': system_key('demo_shop', 'order_no'),
    'topic': 'topic',
    'priority': 'priority',
    'opened_by': 'opened_by',
    'response_target_hours': 'sla_hours',
}) }}
