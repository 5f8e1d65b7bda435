-- Grain: one row per staged row of order_lines, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'order_lines',
    part_of={
        'order_id': 'orders',
    },
    impossible={
        'staged_rows.quantity < 0': 'negative quantity (what comes back is a return)',
        'staged_rows.unit_price < 0 or staged_rows.list_unit_price < 0': 'negative price',
        'staged_rows.discount_amount < 0': 'negative discount',
        'staged_rows.unit_cost < 0': 'negative cost',
    },
) }}
