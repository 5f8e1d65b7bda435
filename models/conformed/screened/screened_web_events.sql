-- Grain: one row per staged web event row, accepted or not. Key: source_system, source_table, source_file,
-- row_number.
{{ screened('web_events') }}
