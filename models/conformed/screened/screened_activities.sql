-- Grain: one row per staged row of activities, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'activities',
    references={
        'account_id': 'accounts',
    },
) }}
