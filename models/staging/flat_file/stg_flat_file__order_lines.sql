-- Grain: one row per row of the files landed as order_lines. Key: order_line_id. A file without line ids gets them
-- from its content: lines can then be added by a later file, but not corrected.
{{ staged(
    'order_lines', 'flat_file', table='order_lines', by_name=true,
    columns={
        'order_line_id': system_key('flat_file', id_or_content(
            'order_line_id', "order_id",
            ['order_id', 'product_id', 'quantity', 'list_unit_price', 'unit_price', 'discount_amount']
        )),
    },
) }}
