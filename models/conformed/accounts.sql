-- Grain: one row per account. Key: account_id. Columns, types and units: the contract beside this file.
{{ accepted('accounts') }}
