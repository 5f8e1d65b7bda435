-- Grain: one row per staged row of account_versions, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'account_versions',
    references={
        'account_id': 'accounts',
    },
) }}
