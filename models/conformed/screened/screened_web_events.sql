-- Grain: one row per staged row of web_events, accepted or not. Key: source_system, source_table, batch_id,
-- row_number; event_key stands for it.
{{ config(materialized='view') }}
{{ screened_growing('web_events', 'screened_web_events_read', 'screened_web_events_repeated') }}
