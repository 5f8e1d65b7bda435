-- Grain: one row per activity. Key: activity_id. Columns, types and units: the contract beside this file.
{{ accepted('activities') }}
