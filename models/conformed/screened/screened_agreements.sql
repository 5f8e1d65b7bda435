-- Grain: one row per staged row of agreements, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'agreements',
    references={
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.ends_on < staged_rows.starts_on': 'ends before it starts',
    },
    undated_money=true,
    rate_known='staged_rows.committed_amount is null',
) }}
