-- Grain: one row per assignment. Key: catalog_assignment_id. Columns, types and units: the contract beside this file.
{{ accepted('catalog_assignments') }}
