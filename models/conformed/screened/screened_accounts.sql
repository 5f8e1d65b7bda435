-- Grain: one row per staged row of accounts, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'accounts',
    impossible={
        'staged_rows.employee_count < 0': 'negative employee count',
        'staged_rows.credit_limit < 0': 'negative credit limit',
    },
) }}
