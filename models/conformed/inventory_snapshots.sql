-- Grain: one row per day, item and location. Key: inventory_snapshot_id. Columns, types and units: the contract
-- beside this file.
{{ accepted('inventory_snapshots') }}
