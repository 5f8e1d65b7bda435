-- Grain: one row per staged row of quote_events, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'quote_events',
    part_of={
        'quote_id': 'quotes',
    },
) }}
