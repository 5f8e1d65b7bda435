-- Grain: one row per quote event. Key: quote_event_id. Columns, types and units: the contract beside this file.
{{ accepted('quote_events') }}
