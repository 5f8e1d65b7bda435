-- Grain: one row per staged catalog row, accepted or not. Key: source_system, source_table, source_file, row_number.
{{ screened('catalogs') }}
