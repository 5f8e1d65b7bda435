-- Grain: one row per catalog. Key: catalog_id. Columns, types and units: the contract beside this file.
{{ accepted('catalogs') }}
