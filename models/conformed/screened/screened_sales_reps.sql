-- Grain: one row per staged row of sales_reps, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened('sales_reps') }}
