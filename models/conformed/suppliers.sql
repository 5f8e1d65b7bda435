-- Grain: one row per supplier. Key: supplier_id. Columns, types and units: the contract beside this file.
{{ accepted('suppliers') }}
