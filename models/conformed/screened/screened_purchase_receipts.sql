-- Grain: one row per staged row of purchase_receipts, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'purchase_receipts',
    references={
        'supplier_id': 'suppliers',
    },
    impossible={
        'staged_rows.received_on < staged_rows.ordered_on': 'received before it was ordered',
        'staged_rows.ordered_quantity < 0 or staged_rows.received_quantity < 0': 'negative quantity',
        'staged_rows.defective_quantity > coalesce(staged_rows.received_quantity, 0)': 'more defective than received',
    },
    dated_money='ordered_on',
) }}
