-- Grain: one row per staged row of web_events, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened('web_events') }}
