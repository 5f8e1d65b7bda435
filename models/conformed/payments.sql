-- Grain: one row per payment. Key: payment_id. Columns, types and units: the contract beside this file.
{{ accepted('payments') }}
