-- Grain: one row per staged day, item and location row, accepted or not. Key: source_system, source_table,
-- source_file, row_number.
{{ screened(
    'inventory_snapshots',
    impossible={
        'staged_rows.quantity < 0': 'negative stock',
    },
    dated_money='snapshot_on',
) }}
