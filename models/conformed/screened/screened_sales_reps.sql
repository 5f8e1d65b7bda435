-- Grain: one row per staged sales rep row, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened('sales_reps') }}
