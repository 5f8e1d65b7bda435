-- Grain: one row per calendar month and headline metric, of the whole business. Key: month_start, metric. Not
-- additive: re-aggregate numerator and denominator. Clock: the metric's own (docs/metrics.md), cut in the reporting
-- time zone. By size of company: kpi_board_segments. A target is one of a whole month: attainment is empty until the
-- month is complete.
with month_targets as (
    select
        metric,
        target_month as month_start,
        max_by(target_value, target_id) as target_value
    from {{ ref('targets') }}
    group by metric, target_month
)

select
    board.month_start,
    board.metric,
    board.metric_position,
    board.unit,
    board.good_direction,
    board.numerator,
    board.denominator,
    board.value,
    board.value_low,
    board.value_high,
    board.previous_value,
    board.change_amount,
    board.change_rate,
    board.trend,
    cast(targets.target_value as double) as target_value,
    case
        -- a target of zero or less can be met, but not to a degree
        when not board.is_complete_period or targets.target_value <= 0 then null
        when board.good_direction = 'up' then {{ ratio('board.value', 'targets.target_value') }}
        else {{ ratio('targets.target_value', 'board.value') }}
    end as attainment_rate,
    case
        when not board.is_complete_period then null
        when board.good_direction = 'up' then board.value >= targets.target_value
        else board.value <= targets.target_value
    end as is_target_met,
    board.is_reportable,
    board.is_complete_period
from {{ ref('kpi_board_segments') }} as board
left join month_targets as targets
    on
        board.metric = targets.metric
        and board.month_start = targets.month_start
where board.segment = 'all'
