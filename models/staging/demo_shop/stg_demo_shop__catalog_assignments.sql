-- Grain: one row per account and catalog it buys from. Key: catalog_assignment_id.
{{ staged('catalog_assignments', 'demo_shop', table='catalog_assignments', columns={
    'catalog_assignment_id': system_key('demo_shop', "catalog_code || ':' || account_no || ':' || valid_from"),
    'catalog_id': system_key('demo_shop', 'catalog_code'),
    'account_id': system_key('demo_crm', 'account_no'),
    'valid_from': 'valid_from',
    'valid_to': 'valid_to',
}) }}
