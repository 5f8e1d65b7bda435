-- Grain: one row per row of the files landed as email_events. Key: the first column of the contract of email_events.
{{ staged('email_events', 'flat_file', table='email_events', by_name=true) }}
