-- Grain: one row per invoice. Key: invoice_id. Columns, types and units: the contract beside this file.
{{ accepted('invoices') }}
