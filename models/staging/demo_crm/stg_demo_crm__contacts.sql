-- Grain: one row per person in the CRM. Key: contact_id.
{{ staged('contacts', 'demo_crm', table='contacts', columns={
    'contact_id': system_key('demo_crm', 'contact_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'email_hash': 'email',
    'is_internal': is_internal_domain('email_domain'),
    'job_title': 'job_title',
    'job_level': 'job_level',
    'buying_role': 'buying_role',
    'age_band': 'age_band',
    'gender': 'gender',
    'education_level': 'education',
    'has_marketing_consent': 'marketing_consent',
    'has_shop_login': 'shop_login',
    'created_at': 'created',
}) }}
