-- Grain: one row per price. Key: catalog_price_id. Columns, types and units: the contract beside this file.
{{ accepted('catalog_prices') }}
