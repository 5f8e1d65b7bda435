-- Grain: one row per staged row of targets, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened('targets') }}
