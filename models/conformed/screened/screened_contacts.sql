-- Grain: one row per staged contact row, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'contacts',
    references={
        'account_id': 'accounts',
    },
) }}
