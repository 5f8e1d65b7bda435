-- Grain: one row per day and campaign. Key: ad_spend_id. Columns, types and units: the contract beside this file.
{{ accepted('ad_spend') }}
