-- Grain: one row per row of the files landed as approvals. Key: the first column of the contract of approvals.
{{ staged('approvals', 'flat_file', table='approvals', by_name=true) }}
