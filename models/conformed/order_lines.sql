-- Grain: one row per order line. Key: order_line_id. Columns, types and units: the contract beside this file.
{{ accepted('order_lines') }}
