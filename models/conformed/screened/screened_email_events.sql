-- Grain: one row per staged e-mail event row, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened('email_events') }}
