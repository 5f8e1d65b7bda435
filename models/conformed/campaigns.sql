-- Grain: one row per campaign. Key: campaign_id. Columns, types and units: the contract beside this file.
{{ accepted('campaigns') }}
