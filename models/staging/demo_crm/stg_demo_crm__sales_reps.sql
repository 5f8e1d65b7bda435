-- Grain: one row per rep in the CRM. Key: rep_id.
{{ staged('sales_reps', 'demo_crm', table='reps', columns={
    'rep_id': system_key('demo_crm', 'rep_no'),
    'rep_name': 'name',
    'manager_name': 'manager',
    'team': 'team',
    'region': 'region',
    'hired_on': 'hired',
}) }}
