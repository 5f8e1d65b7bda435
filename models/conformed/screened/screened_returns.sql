-- Grain: one row per staged row of returns, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'returns',
    references={
        'account_id': 'accounts',
        'order_id': 'orders',
    },
    impossible={
        'staged_rows.quantity < 0': 'negative quantity',
        'staged_rows.refund_amount < 0': 'negative refund',
    },
    dated_money='returned_at',
) }}
