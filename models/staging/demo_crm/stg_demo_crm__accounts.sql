-- Grain: one row per account in the CRM. Key: account_id.
{{ staged('accounts', 'demo_crm', table='accounts', columns={
    'account_id': system_key('demo_crm', 'account_no'),
    'account_name': 'name',
    'parent_account_id': system_key('demo_crm', 'parent_account_no'),
    'industry': 'industry',
    'employee_count': 'employees',
    'company_size': 'size',
    'country_code': 'country',
    'acquisition_source': 'source',
    'owner_rep_id': system_key('demo_crm', 'owner_rep_no'),
    'payment_terms_days': 'payment_terms',
    'credit_limit': 'credit_limit',
    'created_at': 'created',
    'is_test': 'is_test',
}) }}
