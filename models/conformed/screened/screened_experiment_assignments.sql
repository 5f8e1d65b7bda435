-- Grain: one row per staged assignment row, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened('experiment_assignments') }}
