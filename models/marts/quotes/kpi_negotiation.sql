-- Grain: one row per period, dimension and member (all; company_size, catalog, rep): each month in which quotes were
-- decided, months without a decision included, and all of them (period = all). Key: period, dimension, member. Counts
-- and amounts are additive over months and over the members of one dimension; medians and rates are not. Clock:
-- decided_on, also for the time to the first answer. Open quotes have an age but no duration: they are only in the
-- Kaplan-Meier median of period all, where they are censored. A fall of the median duration is an improvement.
with months as (
    select
        cast(month_start as varchar) as period,
        month_start,
        is_complete
    from {{ ref('int_months') }}
),

survival as (
    select * from {{ ref('int_negotiation_survival') }}
),

quotes as (
    select
        dimensions.dimension,
        dimensions.member,
        {{ month_of('quotes.decided_on') }} as decided_month,
        quotes.*
    from {{ ref('int_quotes_resolved') }} as quotes
    inner join {{ ref('int_quote_dimensions') }} as dimensions
        on quotes.quote_id = dimensions.quote_id
    where quotes.is_dated_decision
),

quotes_by_period as (
    select
        'all' as period,
        quotes.*
    from quotes
    union all
    select
        cast(quotes.decided_month as varchar) as period,
        quotes.*
    from quotes
),

measures as (
    select
        period,
        dimension,
        member,
        count(*) as decided_quotes,
        sum(rounds) as rounds,
        sum(base_amount) filter (where negotiated_amount is not null) as base_amount,
        sum(negotiated_amount) filter (where base_amount is not null) as negotiated_amount,
        count(first_response_hours) as answered_quotes,
        {{ median_and_p90('negotiation_hours', 'negotiation_hours') }},
        {{ median_and_p90('negotiation_business_hours', 'negotiation_business_hours') }},
        {{ median_and_p90('first_response_hours', 'first_response_hours') }},
        {{ median_and_p90('first_response_business_hours', 'first_response_business_hours') }}
    from quotes_by_period
    group by period, dimension, member
),

cells as (
    select
        months.period,
        months.month_start,
        survival.dimension,
        survival.member,
        cast(null as bigint) as open_quotes,
        cast(null as double) as survival_median_hours,
        months.is_complete
    from months
    cross join survival
    union all
    select
        'all' as period,
        cast(null as date) as month_start,
        dimension,
        member,
        quotes - decided_quotes as open_quotes,
        median_hours as survival_median_hours,
        false as is_complete
    from survival
),

cells_measured as (
    select
        cells.*,
        coalesce(measures.decided_quotes, 0) as decided_quotes,
        coalesce(measures.answered_quotes, 0) as answered_quotes,
        cast(coalesce(measures.rounds, 0) as bigint) as rounds,
        cast(coalesce(measures.base_amount, 0) as decimal(18, 4)) as base_amount,
        cast(coalesce(measures.negotiated_amount, 0) as decimal(18, 4)) as negotiated_amount,
        {% for name in [
            'negotiation_hours', 'negotiation_business_hours', 'first_response_hours', 'first_response_business_hours'
        ] -%}
        measures.median_{{ name }},
        measures.p90_{{ name }},
        {% endfor -%}
        lag(measures.median_negotiation_hours) over (
            partition by cells.dimension, cells.member, cells.month_start is null order by cells.month_start
        ) as previous_median_hours,
        coalesce(lag(cells.is_complete) over (
            partition by cells.dimension, cells.member, cells.month_start is null order by cells.month_start
        ), false) as is_previous_complete
    from cells
    left join measures
        on
            cells.period = measures.period
            and cells.dimension = measures.dimension
            and cells.member = measures.member
),

changes as (
    select
        *,
        case
            when is_complete and is_previous_complete
                then {{ ratio('median_negotiation_hours - previous_median_hours', 'previous_median_hours') }}
        end as negotiation_hours_change_rate
    from cells_measured
)

select
    period,
    month_start,
    dimension,
    member,
    decided_quotes,
    answered_quotes,
    open_quotes,
    rounds,
    {{ ratio('rounds', 'decided_quotes') }} as rounds_per_quote,
    base_amount,
    negotiated_amount,
    1 - {{ ratio('negotiated_amount', 'base_amount') }} as discount_depth_rate,
    {% for name in [
        'negotiation_hours', 'negotiation_business_hours', 'first_response_hours', 'first_response_business_hours'
    ] -%}
    median_{{ name }},
    p90_{{ name }},
    {% endfor -%}
    previous_median_hours,
    negotiation_hours_change_rate,
    case
        when negotiation_hours_change_rate >= {{ var('trend_threshold') }} then '↑'
        when negotiation_hours_change_rate <= -{{ var('trend_threshold') }} then '↓'
        when negotiation_hours_change_rate is not null then '→'
    end as negotiation_hours_trend,
    survival_median_hours,
    {{ is_reportable('decided_quotes') }} as is_reportable,
    is_complete as is_complete_period
from changes
