-- Grain: one row per staged account version row, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'account_versions',
    references={
        'account_id': 'accounts',
    },
) }}
