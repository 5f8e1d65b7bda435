-- Grain: one row per staged row of rep_quotas, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'rep_quotas',
    references={
        'rep_id': 'sales_reps',
    },
    impossible={
        'staged_rows.quota_amount < 0': 'negative quota',
    },
    dated_money='quota_month',
) }}
