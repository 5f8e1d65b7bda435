-- Grain: one row per staged row of email_events, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened('email_events') }}
