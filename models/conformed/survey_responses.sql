-- Grain: one row per person asked. Key: response_id. Columns, types and units: the contract beside this file.
{{ accepted('survey_responses') }}
