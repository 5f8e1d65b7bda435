-- Grain: one row per exchange rate. Key: exchange_rate_id. Columns, types and units: the contract beside this file.
{{ accepted('exchange_rates') }}
