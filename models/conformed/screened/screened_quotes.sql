-- Grain: one row per staged row of quotes, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'quotes',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.closed_at < staged_rows.requested_at': 'closed before it was requested',
        'staged_rows.first_responded_at < staged_rows.requested_at': 'answered before it was requested',
        'staged_rows.base_amount < 0 or staged_rows.negotiated_amount < 0': 'negative amount',
    },
    dated_money='requested_at',
) }}
