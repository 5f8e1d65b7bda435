-- Grain: one row per quote as it stood at as_of. Key: quote_id. Clock: the local day it was requested. Amounts are in
-- the base currency at that day's rate. The first reason that applies keeps a quote out of the rates
-- (exclusion_reason):
--   test         of testers and staff
--   draft        never left the seller
--   withdrawn    taken back by the buyer; reported apart
--   after_as_of  requested after the day the numbers are stated for
-- A quote is converted by a valid order that names it, placed at most quote_grace_days after it expired. An order
-- that takes a declined or expired quote at the list price used the quote as a shopping list: is_ordered_at_list.
-- Where no order names the quote the shop's word counts: status ordered.
with quotes as (
    select
        quotes.*,
        {{ local_date('quotes.requested_at') }} as requested_on,
        case when {{ local_date('quotes.closed_at') }} <= as_of.as_of_on then quotes.closed_at end as decided_at,
        as_of.as_of_on
    from {{ ref('quotes') }} as quotes
    cross join {{ ref('int_as_of') }} as as_of
),

order_values as (
    select
        order_id,
        sum(net_amount) filter (where is_merchandise) as net_amount,
        sum(discount_amount) as discount_amount
    from {{ ref('int_order_lines_priced') }}
    group by order_id
),

orders_by_value as (
    select
        orders.order_id,
        orders.quote_id,
        validated.is_valid,
        validated.ordered_on,
        order_values.net_amount,
        order_values.discount_amount
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_validated') }} as validated
        on orders.order_id = validated.order_id
    left join order_values
        on orders.order_id = order_values.order_id
    where orders.quote_id is not null
),

quote_orders as (
    select
        quote_id,
        count(*) as orders,
        min_by(order_id, cast(ordered_on as varchar) || order_id) filter (where is_valid) as order_id,
        min(ordered_on) filter (where is_valid) as first_ordered_on,
        sum(net_amount) filter (where is_valid) as ordered_amount,
        sum(discount_amount) filter (where is_valid) as discount_amount
    from orders_by_value
    group by quote_id
),

offers as (
    select
        quote_id,
        count(*) as rounds,
        min_by(offered_amount, state_number) as first_offered_amount
    from {{ ref('int_quote_states_timed') }}
    where state = 'sent'
    group by quote_id
),

quotes_with_orders as (
    select
        quotes.*,
        {{ currency_or_base('quotes.currency_code') }} as quote_currency_code,
        offers.rounds,
        coalesce(offers.first_offered_amount, quotes.negotiated_amount, quotes.base_amount) as offered_amount,
        quote_orders.order_id,
        quote_orders.first_ordered_on,
        quote_orders.ordered_amount,
        coalesce(
            quotes.status = 'ordered'
            and quote_orders.orders is null
            and (quotes.closed_at is null or quotes.decided_at is not null),
            false
        ) as is_ordered_by_status,
        coalesce(
            quotes.status in ('declined', 'expired')
            and quote_orders.order_id is not null
            and coalesce(quote_orders.discount_amount, 0) = 0,
            false
        ) as is_ordered_at_list,
        {{ is_tester() }} as is_test
    from quotes
    left join offers
        on quotes.quote_id = offers.quote_id
    left join quote_orders
        on quotes.quote_id = quote_orders.quote_id
    {{ join_testers('quotes.account_id', 'quotes.contact_id') }}
)

select
    quotes.quote_id,
    quotes.account_id,
    quotes.contact_id,
    account_periods.account_period_id,
    coalesce(quotes.rep_id, account_periods.owner_rep_id) as rep_id,
    coalesce(quotes.catalog_id, account_periods.catalog_id) as catalog_id,
    quotes.opportunity_id,
    quotes.order_id,
    case
        when quotes.is_test then 'test'
        when quotes.status = 'draft' then 'draft'
        when quotes.status = 'withdrawn' then 'withdrawn'
        when quotes.requested_on > quotes.as_of_on then 'after_as_of'
    end as exclusion_reason,
    quotes.status,
    case
        when quotes.status in ('{{ var("final_quote_states") | join("', '") }}')
            and (quotes.closed_at is null or quotes.decided_at is not null)
            then quotes.status
        else 'open'
    end as outcome,
    quotes.quote_currency_code as currency_code,
    cast({{ product('quotes.base_amount', 'rates.rate_to_base') }} as decimal(18, 4)) as base_amount,
    cast({{ product('quotes.offered_amount', 'rates.rate_to_base') }} as decimal(18, 4)) as first_offered_amount,
    cast({{ product('quotes.negotiated_amount', 'rates.rate_to_base') }} as decimal(18, 4)) as negotiated_amount,
    quotes.negotiated_amount as negotiated_amount_txn,
    case
        when quotes.order_id is not null then quotes.ordered_amount
        when quotes.is_ordered_by_status
            then cast({{ product('quotes.negotiated_amount', 'rates.rate_to_base') }} as decimal(18, 4))
    end as ordered_amount,
    coalesce(quotes.rounds, case when quotes.sent_at is not null then 1 else 0 end) as rounds,
    {{ hours_between('quotes.requested_at', 'quotes.first_responded_at') }} as first_response_hours,
    {{ hours_between('quotes.requested_at', 'quotes.decided_at') }} as negotiation_hours,
    quotes.is_ordered_at_list,
    case
        when quotes.order_id is not null
            then
                not quotes.is_ordered_at_list
                and coalesce(
                    quotes.first_ordered_on
                    <= {{ dbt.dateadd('day', var('quote_grace_days'), 'quotes.expires_on') }},
                    true
                )
        else quotes.is_ordered_by_status
    end as is_converted,
    quotes.requested_on,
    quotes.first_ordered_on as ordered_on,
    quotes.expires_on,
    quotes.requested_at,
    quotes.first_responded_at,
    quotes.sent_at,
    quotes.decided_at as closed_at
from quotes_with_orders as quotes
{{ join_exchange_rate('quotes.quote_currency_code', 'quotes.requested_on') }}
{{ join_account_period('quotes.account_id', 'quotes.requested_on') }}
