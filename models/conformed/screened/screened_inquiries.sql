-- Grain: one row per staged row of inquiries, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'inquiries',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.first_responded_at < staged_rows.created_at': 'answered before it came in',
        'staged_rows.resolved_at < staged_rows.created_at': 'settled before it came in',
    },
) }}
