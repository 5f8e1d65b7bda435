-- Grain: one row per contact. Key: contact_id. Columns, types and units: the contract beside this file.
{{ accepted('contacts') }}
