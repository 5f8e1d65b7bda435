-- Grain: one row per price seen. Key: competitor_price_id. Columns, types and units: the contract beside this file.
{{ accepted('competitor_prices') }}
