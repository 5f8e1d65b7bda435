-- Grain: one row per row of the files landed as contacts. Key: contact_id. An e-mail address in email_hash is hashed.
{{ staged('contacts', 'flat_file', table='contacts', by_name=true, columns={
    'email_hash': hashed_address('email_hash'),
    'is_internal': is_internal_address('email_hash', otherwise='is_internal'),
}) }}
