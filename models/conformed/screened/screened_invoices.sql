-- Grain: one row per staged row of invoices, accepted or not. Key: source_system, source_table, batch_id, row_number.
-- An invoice that names no currency is in that of its order.
{{ screened(
    'invoices',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.due_on < staged_rows.issued_on': 'due before it was issued',
    },
    lookups={
        'invoiced_order': ('orders', 'staged_rows.order_id'),
    },
    dated_money='issued_on',
    currency='coalesce(staged_rows.currency_code, invoiced_order.currency_code)',
) }}
