-- Grain: one row per staged row of inventory_snapshots, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'inventory_snapshots',
    impossible={
        'staged_rows.quantity < 0': 'negative stock',
    },
    dated_money='snapshot_on',
) }}
