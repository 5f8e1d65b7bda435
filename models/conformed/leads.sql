-- Grain: one row per lead. Key: lead_id. Columns, types and units: the contract beside this file.
{{ accepted('leads') }}
