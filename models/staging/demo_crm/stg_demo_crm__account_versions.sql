-- Grain: one row per change of an account that the CRM recorded. Key: account_version_id.
{{ staged('account_versions', 'demo_crm', table='account_versions', columns={
    'account_version_id': system_key('demo_crm', "account_no || ':' || changed"),
    'account_id': system_key('demo_crm', 'account_no'),
    'valid_from': 'changed',
    'company_size': 'size',
    'industry': 'industry',
    'owner_rep_id': system_key('demo_crm', 'owner_rep_no'),
}) }}
