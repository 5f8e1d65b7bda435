-- Grain: one row per staged row of leads, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'leads',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.first_responded_at < staged_rows.created_at': 'answered before it came in',
        'staged_rows.converted_at < staged_rows.created_at': 'converted before it came in',
    },
) }}
