-- Grain: one row per staged row of experiment_assignments, accepted or not. Key: source_system, source_table,
-- batch_id, row_number.
{{ screened('experiment_assignments') }}
