-- Grain: one row per state that a quote entered, in order. Key: quote_id, state_number. Clock: when it was entered. A
-- state lasts until the next; the last one of an open quote still lasts, and those that end a quote have no duration.
-- A shop that keeps no events of quotes still dates the request, the first answer, the offer and the end: they stand
-- in.
with events as (
    select
        quote_id,
        state,
        actor,
        offered_amount,
        occurred_at,
        quote_event_id as position,
        false as is_derived
    from {{ ref('quote_events') }}
),

moments as (
    {% for column, state, actor in [
        ('requested_at', "'submitted'", 'buyer'), ('first_responded_at', "'in_review'", 'seller'),
        ('sent_at', "'sent'", 'seller'), ('closed_at', 'status', 'system'),
    ] -%}
    select
        quote_id,
        {{ state }} as state,
        '{{ actor }}' as actor,
        {{ 'negotiated_amount' if column == 'sent_at' else 'cast(null as decimal(18, 4))' }} as offered_amount,
        {{ column }} as occurred_at,
        '{{ loop.index }}' as position,
        true as is_derived
    from {{ ref('quotes') }}
    where
        {{ column }} is not null
        and quote_id not in (select events.quote_id from events)
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

states as (
    select * from events
    union all
    select * from moments
),

states_in_order as (
    select
        states.*,
        row_number() over (
            partition by states.quote_id order by states.occurred_at, states.position
        ) as state_number,
        count(*) filter (where states.state = 'sent') over (
            partition by states.quote_id
            order by states.occurred_at, states.position
            rows between unbounded preceding and current row
        ) as round_number,
        lead(states.occurred_at) over (
            partition by states.quote_id order by states.occurred_at, states.position
        ) as left_at
    from states
    cross join {{ ref('int_as_of') }} as as_of
    where {{ local_date('states.occurred_at') }} <= as_of.as_of_on
)

select
    quote_id,
    state_number,
    round_number,
    state,
    coalesce(actor, 'unknown') as actor,
    offered_amount,
    is_derived,
    state in ('{{ var("final_quote_states") | join("', '") }}') as is_final,
    left_at is null as is_current,
    {{ hours_between('occurred_at', 'left_at') }} as hours_in_state,
    occurred_at as entered_at,
    left_at
from states_in_order
