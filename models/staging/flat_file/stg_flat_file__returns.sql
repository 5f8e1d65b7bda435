-- Grain: one row per row of the files landed as returns. Key: return_id. A file without return ids gets them from its
-- content: returns can then be added by a later file, but not corrected.
{{ staged(
    'returns', 'flat_file', table='returns', by_name=true,
    columns={
        'return_id': system_key('flat_file', id_or_content(
            'return_id', "coalesce(credit_note_id, order_id, order_line_id, account_id)",
            [
                'credit_note_id', 'order_id', 'order_line_id', 'account_id', 'product_id', 'returned_at', 'quantity',
                'refund_amount'
            ]
        )),
    },
) }}
