-- Grain: one row per e-mail event. Key: email_event_id. Columns, types and units: the contract beside this file.
{{ accepted('email_events') }}
