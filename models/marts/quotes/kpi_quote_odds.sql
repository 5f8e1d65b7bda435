-- Grain: one row per state of quotes and age class, with all ages of a state and all quotes (state, age_class = all).
-- Key: state, age_class. Not additive: a quote is in every state and age class it passed through, once in each.
-- Clock: none, all decided quotes. Age runs from the request. Success means converted into an order; the odds say how
-- often quotes that were at this point ended so. Withdrawn quotes are out, open ones have not ended.
{% set bounds = var('quote_age_classes') %}
with quotes as (
    select
        quote_id,
        requested_at,
        result = 'converted' as is_converted
    from {{ ref('int_quotes_resolved') }}
    where is_valid and result <> 'open'
),

age_classes as (
    {% for from_days in bounds -%}
    select
        {{ from_days }} as from_days,
        {% if not loop.last -%}
        {{ bounds[loop.index] }} as until_days,
        '{{ from_days }} to {{ bounds[loop.index] - 1 }} days' as age_class
        {%- else -%}
        cast(null as integer) as until_days,
        '{{ from_days }} days and more' as age_class
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

stays as (
    select
        quotes.quote_id,
        quotes.is_converted,
        states.state,
        {{ hours_between('quotes.requested_at', 'states.entered_at') }} / 24 as entered_days,
        {{ hours_between('quotes.requested_at', 'states.left_at') }} / 24 as left_days
    from quotes
    inner join {{ ref('fct_quote_states') }} as states
        on quotes.quote_id = states.quote_id
    where not states.is_final and states.left_at is not null
),

passages as (
    select
        stays.quote_id,
        stays.is_converted,
        stays.state,
        age_classes.age_class,
        age_classes.from_days
    from stays
    inner join age_classes
        on
            -- a stay without duration is in the class it fell in
            (stays.left_days > age_classes.from_days or stays.entered_days >= age_classes.from_days)
            and (stays.entered_days < age_classes.until_days or age_classes.until_days is null)
    group by stays.quote_id, stays.is_converted, stays.state, age_classes.age_class, age_classes.from_days

    union all

    select
        quote_id,
        is_converted,
        state,
        'all' as age_class,
        cast(null as integer) as from_days
    from stays
    group by quote_id, is_converted, state

    union all

    select
        quote_id,
        is_converted,
        'all' as state,
        'all' as age_class,
        cast(null as integer) as from_days
    from quotes
),

counts as (
    select
        state,
        age_class,
        from_days,
        count(*) as decided_quotes,
        count(*) filter (where is_converted) as converted_quotes
    from passages
    group by state, age_class, from_days
)

select
    state,
    age_class,
    cast(from_days as bigint) as age_from_days,
    decided_quotes,
    converted_quotes,
    {{ ratio('converted_quotes', 'decided_quotes') }} as success_rate,
    {{ wilson_bounds('converted_quotes', 'decided_quotes', 'success_rate') }},
    {{ is_reportable('decided_quotes') }} as is_reportable,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from counts
