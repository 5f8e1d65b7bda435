-- Grain: one row per return line. Key: return_id. Columns, types and units: the contract beside this file.
{{ accepted('returns') }}
