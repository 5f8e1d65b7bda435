-- Grain: one row per review. Key: review_id. Columns, types and units: the contract beside this file.
{{ accepted('reviews') }}
