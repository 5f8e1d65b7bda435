-- Grain: one row per staged row of returns, accepted or not. Key: source_system, source_table, batch_id, row_number.
-- A refund in the currency of its order takes the order's own rate, and needs none of its day.
{{ screened(
    'returns',
    references={
        'account_id': 'accounts',
        'order_id': 'orders',
        'order_line_id': 'order_lines',
    },
    impossible={
        'staged_rows.quantity < 0': 'negative quantity',
        'staged_rows.refund_amount < 0': 'negative refund',
        'staged_rows.order_id <> order_line_id_parent.order_id': 'the line belongs to another order',
    },
    lookups={
        'line_order': ('orders', 'order_line_id_parent.order_id'),
    },
    dated_money='returned_at',
    rate_known='staged_rows.currency_code = coalesce(order_id_parent.currency_code, line_order.currency_code)',
) }}
