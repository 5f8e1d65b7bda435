-- Grain: one row per staged row of catalog_assignments, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'catalog_assignments',
    references={
        'catalog_id': 'catalogs',
        'account_id': 'accounts',
    },
    impossible={
        'staged_rows.valid_to < staged_rows.valid_from': 'ends before it starts',
    },
) }}
