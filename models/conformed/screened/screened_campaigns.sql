-- Grain: one row per staged row of campaigns, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'campaigns',
    impossible={
        'staged_rows.ends_on < staged_rows.starts_on': 'ends before it starts',
    },
    undated_money=true,
    rate_known='staged_rows.budget_amount is null',
) }}
