-- Grain: one row per deal. Key: opportunity_id. Columns, types and units: the contract beside this file.
{{ accepted('opportunities') }}
