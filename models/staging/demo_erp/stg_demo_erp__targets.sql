-- Grain: one row per metric and month with a target. Key: target_id.
{{ staged('targets', 'demo_erp', table='targets', columns={
    'target_id': system_key('demo_erp', "metric || ':' || month"),
    'metric': 'metric',
    'target_month': 'month',
    'target_value': 'value',
}) }}
