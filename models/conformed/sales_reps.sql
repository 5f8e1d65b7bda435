-- Grain: one row per sales rep. Key: rep_id. Columns, types and units: the contract beside this file.
{{ accepted('sales_reps') }}
