-- Grain: one row per framework agreement in the CRM. Key: agreement_id.
{{ staged('agreements', 'demo_crm', table='agreements', columns={
    'agreement_id': system_key('demo_crm', 'agreement_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'rep_id': system_key('demo_crm', 'rep_no'),
    'starts_on': 'starts',
    'ends_on': 'ends',
    'renewal_notice_days': 'notice_days',
    'agreement_type': 'kind',
    'committed_amount': 'annual_volume',
    'currency_code': 'currency',
    'payment_terms_days': 'payment_terms',
    'signed_on': 'signed',
}) }}
