-- Grain: one row per staged row of suppliers, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'suppliers',
    impossible={
        'staged_rows.lead_time_days < 0': 'negative lead time',
    },
) }}
