-- Grain: one row per row of the files landed as inquiries. Key: the first column of the contract of inquiries.
{{ staged('inquiries', 'flat_file', table='inquiries', by_name=true) }}
