-- Grain: one row per target. Key: target_id. Columns, types and units: the contract beside this file.
{{ accepted('targets') }}
