-- Grain: one row per quote that counts, and those withdrawn, which are reported apart. Key: quote_id. Clocks:
-- requested_on, decided_on. Each quote has exactly one result, so that the results add up to the requests:
--   converted        a valid order names it in time
--   ordered_outside  ordered, but the order does not count, came too late or took the list price
--   declined, expired, withdrawn, open
-- An order decides a quote that the shop never closed. is_settled: nothing can turn the result any more; an expired
-- or open quote may still be ordered until quote_grace_days after its validity. Age is measured to the end of as_of.
with quotes as (
    select * from {{ ref('fct_quotes') }}
    where is_valid or exclusion_reason = 'withdrawn'
),

results as (
    select
        quotes.*,
        orders.ordered_at,
        as_of.as_of_on,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        case
            when quotes.exclusion_reason = 'withdrawn' then 'withdrawn'
            when quotes.is_converted then 'converted'
            when quotes.outcome = 'ordered' then 'ordered_outside'
            else quotes.outcome
        end as result
    from quotes
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('fct_orders') }} as orders
        on quotes.order_id = orders.order_id
    left join {{ ref('dim_account_history') }} as account_periods
        on quotes.account_period_id = account_periods.account_period_id
),

decisions as (
    select
        *,
        case
            when result = 'converted' then coalesce(closed_at, ordered_at)
            when result <> 'open' then closed_at
        end as decided_at,
        case when {{ local_date('first_responded_at') }} <= as_of_on then first_responded_at end as answered_at,
        result = 'converted'
        or (rounds > 0 and coalesce({{ local_date('sent_at') }} <= as_of_on, true)) as is_sent,
        {{ dbt.dateadd(
            'day', var('quote_grace_days'), 'coalesce(expires_on, ' ~ local_date('closed_at') ~ ')'
        ) }} as order_until
    from results
)

select
    quote_id,
    account_id,
    coalesce(rep_id, 'unknown') as rep_id,
    coalesce(catalog_id, 'unknown') as catalog_id,
    company_size,
    result,
    base_amount,
    first_offered_amount,
    negotiated_amount,
    case when result = 'converted' then ordered_amount end as converted_amount,
    rounds,
    {{ hours_between('requested_at', 'answered_at') }} as first_response_hours,
    {{ business_hours_between('requested_at', 'answered_at') }} as first_response_business_hours,
    {{ hours_between('requested_at', 'decided_at') }} as negotiation_hours,
    {{ business_hours_between('requested_at', 'decided_at') }} as negotiation_business_hours,
    {{ hours_until_end_of('as_of_on', 'requested_at') }} as age_hours,
    is_valid,
    answered_at is not null or is_sent as is_answered,
    is_sent,
    is_valid and decided_at is not null as is_dated_decision,
    case
        when result = 'open' then coalesce(order_until < as_of_on, false)
        when result = 'expired' then coalesce(order_until < as_of_on, true)
        else true
    end as is_settled,
    requested_on,
    {{ local_date('decided_at') }} as decided_on,
    expires_on,
    requested_at,
    decided_at
from decisions
