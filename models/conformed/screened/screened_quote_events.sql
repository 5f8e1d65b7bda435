-- Grain: one row per staged quote event row, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'quote_events',
    references={
        'quote_id': 'quotes',
    },
) }}
