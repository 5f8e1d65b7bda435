-- Grain: one row per row of the files landed as contacts. Key: the first column of the contract of contacts.
{{ staged('contacts', 'flat_file', table='contacts', by_name=true) }}
