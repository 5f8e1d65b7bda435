-- Grain: one row per web event. Key: event_id. Columns, types and units: the contract beside this file.
{{ accepted('web_events') }}
