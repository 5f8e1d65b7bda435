-- Grain: one row per staged payment row, accepted or not. Key: source_system, source_table, source_file, row_number.
{{ screened(
    'payments',
    references={
        'invoice_id': 'invoices',
        'account_id': 'accounts',
    },
    dated_money='paid_on',
) }}
