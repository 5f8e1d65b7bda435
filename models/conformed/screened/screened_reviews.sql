-- Grain: one row per staged row of reviews, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'reviews',
    references={
        'product_id': 'products',
    },
    impossible={
        'staged_rows.score not between 1 and 5': 'a score outside 1 to 5',
    },
) }}
