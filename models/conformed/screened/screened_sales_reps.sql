-- Grain: one row per staged sales rep row, accepted or not. Key: source_system, source_table, source_file,
-- row_number.
{{ screened('sales_reps') }}
