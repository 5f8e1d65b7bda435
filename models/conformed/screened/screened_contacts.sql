-- Grain: one row per staged row of contacts, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'contacts',
    references={
        'account_id': 'accounts',
    },
) }}
