-- Grain: one row per lead in the CRM. Key: lead_id.
{{ staged('leads', 'demo_crm', table='leads', columns={
    'lead_id': system_key('demo_crm', 'lead_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'source': 'source',
    'campaign_id': system_key('demo_marketing', 'campaign_no'),
    'created_at': 'created',
    'first_responded_at': 'first_response',
    'status': 'status',
    'converted_at': 'converted',
}) }}
