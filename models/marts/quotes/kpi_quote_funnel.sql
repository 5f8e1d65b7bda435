-- Grain: one row per period of request, dimension and member (all; company_size, catalog, rep): each month, months
-- without requests included, and all months together of which no quote can be ordered any more (period = all). Key:
-- period, dimension, member. Additive over months and over the members of one dimension, never over dimensions, nor
-- all and the months; rates are not. Clock: requested_on (cohort: what became of the quotes asked for in the
-- month). One dimension at a time, because a cell of the full cross would hold about one quote. Withdrawn requests
-- are out of requested_quotes and of every rate, and shown apart.
with unsettled_months as (
    select {{ month_of('requested_on') }} as month_start
    from {{ ref('int_quotes_resolved') }}
    where is_valid and not is_settled
    group by {{ month_of('requested_on') }}
),

months as (
    select
        months.month_start,
        months.is_complete,
        months.is_complete and unsettled_months.month_start is null as is_settled
    from {{ ref('int_months') }} as months
    left join unsettled_months
        on months.month_start = unsettled_months.month_start
),

{{ periods_and_their_months('months', is_in_all='is_settled') }},

quotes as (
    select
        dimensions.dimension,
        dimensions.member,
        period_months.period,
        quotes.*
    from {{ ref('int_quotes_resolved') }} as quotes
    inner join {{ ref('int_quote_dimensions') }} as dimensions
        on quotes.quote_id = dimensions.quote_id
    inner join period_months
        on {{ month_of('quotes.requested_on') }} = period_months.month_start
),

members as (
    select
        dimension,
        member
    from quotes
    group by dimension, member
),

counts as (
    select
        period,
        dimension,
        member,
        count(*) filter (where is_valid) as requested_quotes,
        count(*) filter (where is_valid and is_answered) as answered_quotes,
        count(*) filter (where is_valid and is_sent) as sent_quotes,
        {% for result in ['converted', 'ordered_outside', 'declined', 'expired', 'open', 'withdrawn'] -%}
        count(*) filter (where result = '{{ result }}') as {{ result }}_quotes,
        {% endfor -%}
        count(*) filter (where is_valid and not is_settled) as unsettled_quotes,
        sum(base_amount) filter (where is_valid) as base_amount,
        sum(first_offered_amount) filter (where is_valid) as first_offered_amount,
        sum(converted_amount) as converted_amount
    from quotes
    group by period, dimension, member
),

{% set counted = [
    'requested', 'answered', 'sent', 'converted', 'ordered_outside', 'declined', 'expired', 'open', 'withdrawn',
    'unsettled',
] -%}
cells as (
    select
        periods.period,
        periods.month_start,
        members.dimension,
        members.member,
        {% for name in counted -%}
        coalesce(counts.{{ name }}_quotes, 0) as {{ name }}_quotes,
        {% endfor -%}
        {% for name in ['base', 'first_offered', 'converted'] -%}
        cast(coalesce(counts.{{ name }}_amount, 0) as decimal(18, 4)) as {{ name }}_amount,
        {% endfor -%}
        periods.is_complete
    from periods
    cross join members
    left join counts
        on
            periods.period = counts.period
            and members.dimension = counts.dimension
            and members.member = counts.member
)

select
    period,
    month_start,
    dimension,
    member,
    {% for name in counted -%}
    {{ name }}_quotes,
    {% endfor -%}
    base_amount,
    first_offered_amount,
    converted_amount,
    {{ ratio('answered_quotes', 'requested_quotes') }} as answered_rate,
    {{ wilson_bounds('answered_quotes', 'requested_quotes', 'answered_rate') }},
    {{ ratio('sent_quotes', 'requested_quotes') }} as sent_rate,
    {{ wilson_bounds('sent_quotes', 'requested_quotes', 'sent_rate') }},
    {{ ratio('converted_quotes', 'requested_quotes') }} as quote_to_order_rate,
    {{ wilson_bound('converted_quotes', 'requested_quotes', 'low') }} as quote_to_order_rate_low,
    {{ wilson_bound('converted_quotes', 'requested_quotes', 'high') }} as quote_to_order_rate_high,
    {{ ratio('converted_amount', 'first_offered_amount') }} as quote_to_order_value_rate,
    {{ is_reportable('requested_quotes') }} as is_reportable,
    is_complete and unsettled_quotes = 0 as is_complete_period
from cells
