-- Grain: one row per row of the files landed as survey_responses. Key: the first column of the contract of
-- survey_responses.
{{ staged('survey_responses', 'flat_file', table='survey_responses', by_name=true) }}
