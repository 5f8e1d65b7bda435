-- Grain: one row per product. Key: product_id. Columns, types and units: the contract beside this file.
{{ accepted('products') }}
