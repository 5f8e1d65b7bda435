-- Grain: one row per agreement. Key: agreement_id. Columns, types and units: the contract beside this file.
{{ accepted('agreements') }}
