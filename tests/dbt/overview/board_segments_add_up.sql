-- What a metric is made of adds up over the segments: no event lost its company, or was counted in two. Net sales below
-- zero make no margin, so that the denominators of margins do not add up.
with segments as (
    select
        month_start,
        metric,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('kpi_board_segments') }}
    where segment <> 'all'
    group by month_start, metric
)

select
    board.month_start,
    board.metric,
    board.numerator,
    segments.numerator as numerator_of_segments
from {{ ref('kpi_board') }} as board
inner join segments
    on
        board.month_start = segments.month_start
        and board.metric = segments.metric
where
    board.metric <> 'gross_margin_rate'
    and (
        board.numerator is distinct from segments.numerator
        or board.denominator is distinct from segments.denominator
    )
