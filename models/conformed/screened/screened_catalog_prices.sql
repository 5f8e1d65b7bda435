-- Grain: one row per staged row of catalog_prices, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'catalog_prices',
    references={
        'catalog_id': 'catalogs',
    },
    impossible={
        'staged_rows.unit_price < 0': 'negative price',
        'staged_rows.valid_to < staged_rows.valid_from': 'ends before it starts',
    },
    undated_money=true,
) }}
