-- Grain: one row per row of the files landed as accounts. Key: the first column of the contract of accounts.
{{ staged('accounts', 'flat_file', table='accounts', by_name=true) }}
