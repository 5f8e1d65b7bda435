-- Grain: one row per staged row of exchange_rates, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'exchange_rates',
    impossible={
        'staged_rows.rate_to_base <= 0': 'rate of zero or less',
    },
) }}
