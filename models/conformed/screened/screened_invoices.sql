-- Grain: one row per staged row of invoices, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'invoices',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.due_on < staged_rows.issued_on': 'due before it was issued',
    },
    dated_money='issued_on',
) }}
