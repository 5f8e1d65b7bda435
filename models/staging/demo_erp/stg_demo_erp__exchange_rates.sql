-- Grain: one row per working day and foreign currency in the ERP. Key: exchange_rate_id.
{{ staged('exchange_rates', 'demo_erp', table='exchange_rates', columns={
    'exchange_rate_id': system_key('demo_erp', "currency || ':' || rate_day"),
    'rate_on': 'rate_day',
    'currency_code': 'currency',
    'rate_to_base': 'rate',
}) }}
