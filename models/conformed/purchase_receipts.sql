-- Grain: one row per receipt. Key: purchase_receipt_id. Columns, types and units: the contract beside this file.
{{ accepted('purchase_receipts') }}
