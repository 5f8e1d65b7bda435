-- Grain: one row per staged row of opportunity_stages, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'opportunity_stages',
    part_of={
        'opportunity_id': 'opportunities',
    },
) }}
