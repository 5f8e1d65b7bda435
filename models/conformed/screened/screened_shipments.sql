-- Grain: one row per staged row of shipments, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'shipments',
    part_of={
        'order_line_id': 'order_lines',
    },
    impossible={
        'staged_rows.delivered_at < staged_rows.shipped_at': 'delivered before it was shipped',
        'staged_rows.quantity < 0': 'negative quantity',
    },
) }}
