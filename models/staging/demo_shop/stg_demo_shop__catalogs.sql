-- Grain: one row per catalog of the shop. Key: catalog_id.
{{ staged('catalogs', 'demo_shop', table='catalogs', columns={
    'catalog_id': system_key('demo_shop', 'catalog_code'),
    'catalog_name': 'name',
    'target_group': 'target',
}) }}
