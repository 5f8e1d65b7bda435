-- Grain: one row per call, meeting or e-mail in the CRM. Key: activity_id.
{{ staged('activities', 'demo_crm', table='activities', columns={
    'activity_id': system_key('demo_crm', 'activity_no'),
    'activity_type': 'kind',
    'rep_id': system_key('demo_crm', 'rep_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'opportunity_id': system_key('demo_crm', 'deal_no'),
    'occurred_at': 'occurred',
    'direction': 'direction',
    'duration_minutes': 'minutes',
}) }}
