-- Grain: one row per row of the files landed as quotes. Key: the first column of the contract of quotes.
{{ staged('quotes', 'flat_file', table='quotes', by_name=true) }}
