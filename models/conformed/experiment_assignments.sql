-- Grain: one row per assignment. Key: experiment_assignment_id. Columns, types and units: the contract beside this
-- file.
{{ accepted('experiment_assignments') }}
