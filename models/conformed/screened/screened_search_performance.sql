-- Grain: one row per staged row of search_performance, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'search_performance',
    impossible={
        'staged_rows.clicks < 0 or staged_rows.impressions < 0': 'negative count',
        'staged_rows.position < 1': 'position above the first',
    },
) }}
