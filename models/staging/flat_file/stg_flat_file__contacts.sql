-- Grain: one row per row of the files landed as contacts. Key: contact_id.
{{ staged('contacts', 'flat_file', table='contacts', by_name=true, columns={
    'is_internal': is_internal_domain('email_hash_domain', otherwise='is_internal'),
}) }}
