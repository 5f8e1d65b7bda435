-- Grain: one row per staged row of catalogs, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened('catalogs') }}
