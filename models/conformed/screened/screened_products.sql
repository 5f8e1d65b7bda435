-- Grain: one row per staged row of products, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'products',
    impossible={
        'staged_rows.unit_cost < 0': 'negative cost',
        'staged_rows.list_price < 0': 'negative price',
    },
    undated_money=true,
) }}
