-- Grain: one row per staged row of approvals, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'approvals',
    part_of={
        'order_id': 'orders',
    },
    impossible={
        'staged_rows.decided_at < staged_rows.requested_at': 'decided before it was requested',
    },
) }}
