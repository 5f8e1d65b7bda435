-- Grain: one row per payment of an invoice. Key: payment_id.
{{ staged('payments', 'demo_erp', table='payments', columns={
    'payment_id': system_key('demo_erp', 'payment_no'),
    'invoice_id': system_key('demo_erp', 'invoice_no'),
    'account_id': system_key('demo_crm', 'account_no'),
    'paid_on': 'paid',
    'amount': 'amount',
    'currency_code': 'currency',
    'payment_method': 'method',
}) }}
