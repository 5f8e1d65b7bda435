-- Grain: one row per order. Key: order_id. Columns, types and units: the contract beside this file.
{{ accepted('orders') }}
