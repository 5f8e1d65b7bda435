-- Grain: one row per staged e-mail event row, accepted or not. Key: source_system, source_table, source_file,
-- row_number.
{{ screened('email_events') }}
