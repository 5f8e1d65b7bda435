-- Grain: one row per staged row of opportunities, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'opportunities',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.closed_at < staged_rows.created_at': 'closed before it was created',
        'staged_rows.amount < 0': 'negative amount',
        "staged_rows.outcome in ('won', 'lost') and staged_rows.closed_at is null": 'decided without a closing date',
    },
    dated_money='created_at',
) }}
