-- Grain: one row per staged row of competitor_prices, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'competitor_prices',
    references={
        'product_id': 'products',
    },
    impossible={
        'staged_rows.unit_price < 0': 'negative price',
    },
    dated_money='observed_on',
) }}
