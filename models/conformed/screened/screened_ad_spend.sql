-- Grain: one row per staged row of ad_spend, accepted or not. Key: source_system, source_table, batch_id, row_number.
{{ screened(
    'ad_spend',
    references={
        'campaign_id': 'campaigns',
    },
    impossible={
        'staged_rows.cost < 0': 'negative cost',
        'staged_rows.clicks < 0 or staged_rows.impressions < 0': 'negative count',
    },
    dated_money='spent_on',
) }}
