-- Grain: one row per staged assignment row, accepted or not. Key: source_system, source_table, source_file,
-- row_number.
{{ screened('experiment_assignments') }}
