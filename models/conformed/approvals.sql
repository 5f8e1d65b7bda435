-- Grain: one row per approval. Key: approval_id. Columns, types and units: the contract beside this file.
{{ accepted('approvals') }}
