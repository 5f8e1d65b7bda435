-- Grain: one row per rep and month. Key: rep_quota_id. Columns, types and units: the contract beside this file.
{{ accepted('rep_quotas') }}
