-- Grain: one row per staged catalog row, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened('catalogs') }}
