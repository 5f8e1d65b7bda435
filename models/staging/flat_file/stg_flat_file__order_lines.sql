-- Grain: one row per row of the files landed as order_lines. Key: order_line_id. A file without line ids gets them
-- from its order and row number.
{{ staged(
    'order_lines', 'flat_file', table='order_lines', by_name=true,
    columns={'order_line_id': system_key('flat_file', "coalesce(order_line_id, order_id || ':' || _row_number)")},
) }}
