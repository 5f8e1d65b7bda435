-- Grain: one row per stage entered. Key: opportunity_stage_id. Columns, types and units: the contract beside this
-- file.
{{ accepted('opportunity_stages') }}
