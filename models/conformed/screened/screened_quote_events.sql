-- Grain: one row per staged row of quote_events, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'quote_events',
    references={
        'quote_id': 'quotes',
    },
) }}
