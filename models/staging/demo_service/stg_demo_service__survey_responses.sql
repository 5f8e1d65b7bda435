-- Grain: one row per person asked in a survey. Key: response_id.
{{ staged('survey_responses', 'demo_service', table='surveys', columns={
    'response_id': system_key('demo_service', 'response_no'),
    'survey_type': 'survey',
    'account_id': system_key('demo_crm', 'account_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'score': 'score',
    'sent_at': 'sent',
    'responded_at': 'answered',
    'inquiry_id': system_key('demo_service', 'ticket_no'),
}) }}
