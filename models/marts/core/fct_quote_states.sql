-- Grain: one row per state that a quote entered. Key: quote_state_id. Hours add up over the states of a quote. Clock:
-- entered_at. Quotes out of the rates are included and flagged.
select
    states.quote_id || '#' || cast(states.state_number as varchar) as quote_state_id,
    states.quote_id,
    quotes.account_id,
    account_periods.account_period_id,
    quotes.rep_id,
    states.state_number,
    states.round_number,
    states.state,
    states.actor,
    states.offered_amount as offered_amount_txn,
    states.hours_in_state,
    quotes.is_valid,
    states.is_final,
    states.is_current,
    states.is_derived,
    {{ local_date('states.entered_at') }} as entered_on,
    states.entered_at,
    states.left_at
from {{ ref('int_quote_states_timed') }} as states
inner join {{ ref('fct_quotes') }} as quotes
    on states.quote_id = quotes.quote_id
{{ join_account_period('quotes.account_id', local_date('states.entered_at')) }}
