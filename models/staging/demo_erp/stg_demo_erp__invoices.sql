-- Grain: one row per invoice. Key: invoice_id.
{{ staged('invoices', 'demo_erp', table='invoices', columns={
    'invoice_id': system_key('demo_erp', 'invoice_no'),
    'order_id': system_key('demo_shop', 'order_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'issued_on': 'issued',
    'due_on': 'due',
    'amount': 'amount',
    'currency_code': 'currency',
    'payment_terms_days': 'terms',
    'is_disputed': 'disputed',
}) }}
