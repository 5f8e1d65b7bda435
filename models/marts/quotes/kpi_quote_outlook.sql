-- Grain: one row per quote that is open at as_of: a work list. Key: quote_id. Amounts are additive. Clock: as_of. The
-- probability is the share of past quotes in this state at this age that were ordered (kpi_quote_odds); where these
-- are too few, of those in this state, else of all (probability_basis). Nothing is said where even all are too few.
-- Stale is a quote past its validity, or longer in its state than nine of ten quotes were (stale_after_days where
-- these are too few).
with quotes as (
    select * from {{ ref('int_quotes_resolved') }}
    where result = 'open'
),

current_states as (
    select
        quote_id,
        state,
        round_number,
        entered_on,
        entered_at
    from {{ ref('fct_quote_states') }}
    where is_current
),

odds as (
    select * from {{ ref('kpi_quote_odds') }}
),

state_times as (
    select
        state,
        case when is_reportable then p90_hours / 24 end as p90_days
    from {{ ref('kpi_quote_state_times') }}
    where period = 'all'
),

open_quotes as (
    select
        quotes.*,
        as_of.as_of_on,
        coalesce(current_states.state, 'unknown') as state,
        current_states.entered_on as state_entered_on,
        quotes.age_hours / 24 as age_days,
        {{ hours_until_end_of('as_of.as_of_on', 'coalesce(current_states.entered_at, quotes.requested_at)') }} / 24
            as days_in_state,
        coalesce(quotes.negotiated_amount, quotes.first_offered_amount, quotes.base_amount) as amount
    from quotes
    cross join {{ ref('int_as_of') }} as as_of
    left join current_states
        on quotes.quote_id = current_states.quote_id
),

open_quotes_aged as (
    select
        *,
        case
            {% for from_days in var('quote_age_classes') | reverse -%}
            when age_days >= {{ from_days }} then {{ from_days }}
            {% endfor -%}
        end as age_from_days
    from open_quotes
),

open_quotes_judged as (
    select
        quotes.*,
        case
            when by_age.is_reportable then 'state_and_age'
            when by_state.is_reportable then 'state'
            when overall.is_reportable then 'all'
            else 'none'
        end as probability_basis,
        {% for column in ['decided_quotes', 'success_rate', 'success_rate_low', 'success_rate_high'] -%}
        case
            when by_age.is_reportable then by_age.{{ column }}
            when by_state.is_reportable then by_state.{{ column }}
            when overall.is_reportable then overall.{{ column }}
        end as {{ column }},
        {% endfor -%}
        coalesce(state_times.p90_days, {{ var('stale_after_days') }}) as usual_limit_days,
        coalesce(quotes.expires_on < quotes.as_of_on, false) as is_past_validity
    from open_quotes_aged as quotes
    left join odds as by_age
        on
            quotes.state = by_age.state
            and quotes.age_from_days = by_age.age_from_days
    left join odds as by_state
        on
            quotes.state = by_state.state
            and by_state.age_class = 'all'
    left join odds as overall
        on overall.state = 'all'
    left join state_times
        on quotes.state = state_times.state
)

select
    quote_id,
    account_id,
    rep_id,
    catalog_id,
    company_size,
    state,
    rounds,
    cast(amount as decimal(18, 4)) as amount,
    cast(cast(amount as double) * success_rate as decimal(18, 4)) as expected_amount,
    success_rate,
    success_rate_low,
    success_rate_high,
    decided_quotes,
    probability_basis,
    age_days,
    days_in_state,
    cast(usual_limit_days as double) as usual_limit_days,
    is_past_validity or days_in_state > usual_limit_days as is_stale,
    case
        when is_past_validity then 'past its validity and not closed'
        when days_in_state > usual_limit_days then 'longer in its state than nine of ten quotes'
        when not is_answered then 'waits for the first answer'
        else 'in progress'
    end as reason,
    requested_on,
    state_entered_on,
    expires_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from open_quotes_judged
