-- Grain: one row per staged row of survey_responses, accepted or not. Key: source_system, source_table, batch_id,
-- row_number.
{{ screened(
    'survey_responses',
    references={
        'account_id': 'accounts',
    },
    impossible={
        "staged_rows.survey_type = 'nps' and staged_rows.score not between 0 and 10": 'a score outside 0 to 10',
        "staged_rows.survey_type <> 'nps' and staged_rows.score not between 1 and 5": 'a score outside 1 to 5',
        'staged_rows.responded_at < staged_rows.sent_at': 'answered before it was sent',
    },
) }}
