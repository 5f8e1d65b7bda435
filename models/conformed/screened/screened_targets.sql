-- Grain: one row per staged target row, accepted or not. Key: source_system, source_table, source_file, row_number.
{{ screened('targets') }}
