-- Grain: one row per rep and month with a quota. Key: rep_quota_id.
{{ staged('rep_quotas', 'demo_crm', table='quotas', columns={
    'rep_quota_id': system_key('demo_crm', "rep_no || ':' || month"),
    'rep_id': system_key('demo_crm', 'rep_no'),
    'quota_month': 'month',
    'quota_amount': 'quota',
    'currency_code': 'currency',
}) }}
