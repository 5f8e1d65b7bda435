-- Grain: one row per account version. Key: account_version_id. Columns, types and units: the contract beside this
-- file.
{{ accepted('account_versions') }}
