-- Grain: one row per approval of an order. Key: approval_id.
{{ staged('approvals', 'demo_shop', table='approvals', columns={
    'approval_id': system_key('demo_shop', 'approval_no'),
    'order_id': system_key('demo_shop', 'order_no'),
    'contact_id': system_key('demo_crm', 'contact_no'),
    'requested_at': 'requested',
    'decided_at': 'decided',
    'decision': 'decision',
    'requested_by_contact_id': system_key('demo_crm', 'requester_contact_no'),
}) }}
