-- Grain: one row per stage that a deal entered. Key: opportunity_stage_id.
{{ staged('opportunity_stages', 'demo_crm', table='stages', columns={
    'opportunity_stage_id': system_key('demo_crm', "deal_no || ':' || stage || ':' || entered"),
    'opportunity_id': system_key('demo_crm', 'deal_no'),
    'stage': 'stage',
    'entered_at': 'entered',
}) }}
