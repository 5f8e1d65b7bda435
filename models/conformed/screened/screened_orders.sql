-- Grain: one row per staged row of orders, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'orders',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.cancelled_at < staged_rows.ordered_at': 'cancelled before it was ordered',
    },
    dated_money='ordered_at',
) }}
