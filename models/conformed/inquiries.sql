-- Grain: one row per inquiry. Key: inquiry_id. Columns, types and units: the contract beside this file.
{{ accepted('inquiries') }}
