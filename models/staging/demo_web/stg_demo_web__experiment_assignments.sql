-- Grain: one row per visitor of an experiment. Key: experiment_assignment_id.
{{ staged('experiment_assignments', 'demo_web', table='experiments', columns={
    'experiment_assignment_id': system_key('demo_web', "experiment || ':' || unit"),
    'experiment_id': system_key('demo_web', 'experiment'),
    'variant': 'variant',
    'unit_type': 'unit_kind',
    'unit_id': system_key('demo_web', 'unit'),
    'assigned_at': 'assigned',
}) }}
