-- Grain: one row per row of the files landed as exchange_rates. Key: exchange_rate_id. The id is made of currency and
-- day.
{{ staged(
    'exchange_rates', 'flat_file', table='exchange_rates', by_name=true,
    columns={
        'exchange_rate_id': system_key('flat_file', "coalesce(exchange_rate_id, currency_code || ':' || rate_on)"),
    },
) }}
