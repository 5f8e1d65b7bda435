-- Grain: one row per row of the files landed as experiment_assignments. Key: experiment_assignment_id, made of the
-- columns that tell rows apart when the file has none.
{{ staged(
    'experiment_assignments', 'flat_file', table='experiment_assignments', by_name=true,
    columns={
        'experiment_assignment_id': system_key(
            'flat_file', "coalesce(experiment_assignment_id, experiment_id || ':' || unit_id)"
        ),
    },
) }}
