-- Grain: one row per row of the files landed as exchange_rates. Key: exchange_rate_id. The id is made of currency and
-- day, as they are read and not as they are written: two rates of one day must not pass for two days.
{{ staged(
    'exchange_rates', 'flat_file', table='exchange_rates', by_name=true,
    columns={
        'exchange_rate_id': system_key('flat_file', "coalesce(exchange_rate_id, upper(" ~ trimmed('currency_code')
            ~ ") || ':' || coalesce(cast(" ~ parsed_date(trimmed('rate_on')) ~ " as varchar), "
            ~ trimmed('rate_on') ~ "))"),
    },
) }}
