-- Grain: one row per row of the files landed as purchase_receipts. Key: the first column of the contract of
-- purchase_receipts.
{{ staged('purchase_receipts', 'flat_file', table='purchase_receipts', by_name=true) }}
