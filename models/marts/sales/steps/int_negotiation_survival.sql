-- Grain: one row per dimension and member. Key: dimension, member. Kaplan-Meier: how long negotiations last when
-- those still open are neither dropped nor taken for finished. The median is the first duration at which at most half
-- are expected to be undecided; empty when more than half of all time is not decided. Withdrawn quotes are out.
with durations as (
    select
        dimensions.dimension,
        dimensions.member,
        quotes.is_dated_decision,
        case when quotes.is_dated_decision then quotes.negotiation_hours else quotes.age_hours end as hours
    from {{ ref('int_quotes_resolved') }} as quotes
    inner join {{ ref('int_quote_dimensions') }} as dimensions
        on quotes.quote_id = dimensions.quote_id
    where quotes.is_valid and (quotes.is_dated_decision or quotes.result = 'open')
),

moments as (
    select
        dimension,
        member,
        hours,
        count(*) as quotes,
        count(*) filter (where is_dated_decision) as decided_quotes
    from durations
    group by dimension, member, hours
),

moments_at_risk as (
    select
        *,
        sum(quotes) over (
            partition by dimension, member
            order by hours desc
            rows between unbounded preceding and current row
        ) as quotes_at_risk
    from moments
),

survival as (
    select
        *,
        -- a product by logarithms; after the last decision with nothing open, nothing survives
        exp(
            sum(
                case
                    when decided_quotes < quotes_at_risk then ln(1 - {{ ratio('decided_quotes', 'quotes_at_risk') }})
                    else -700
                end
            ) over (
                partition by dimension, member
                order by hours
                rows between unbounded preceding and current row
            )
        ) as undecided_share
    from moments_at_risk
)

select
    dimension,
    member,
    cast(sum(quotes) as bigint) as quotes,
    cast(sum(decided_quotes) as bigint) as decided_quotes,
    -- a share of exactly one half is not met exactly after logarithms
    min(hours) filter (where undecided_share <= 0.5 + 1e-9) as median_hours
from survival
group by dimension, member
