-- Grain: one row per staged row of payments, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'payments',
    references={
        'invoice_id': 'invoices',
        'account_id': 'accounts',
    },
    dated_money='paid_on',
) }}
