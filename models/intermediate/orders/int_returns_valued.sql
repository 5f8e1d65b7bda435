-- Grain: one row per return line. Key: return_id. Additive. Clock: the day it was credited (ledger view); ordered_on
-- carries the cohort view. What an order cancelled after shipment had not returned yet counts as returned on the day of
-- the cancellation. fx_difference_amount is what a refund at the rate of its own day would be more: empty where no rate
-- of that day is known. is_valid says whether it lowers net sales; the first reason that applies is given in
-- exclusion_reason.
with all_returns as (
    select
        return_id,
        credit_note_id,
        account_id,
        order_id,
        order_line_id,
        product_id,
        currency_code,
        rate_to_base,
        quantity,
        refund_amount,
        reason,
        is_restocked,
        returned_at
    from {{ ref('int_returns_resolved') }}

    union all

    select
        order_line_id || ':cancelled' as return_id,
        order_id || ':cancelled' as credit_note_id,
        cast(null as varchar) as account_id,
        order_id,
        order_line_id,
        product_id,
        cast(null as varchar) as currency_code,
        cast(null as decimal(18, 8)) as rate_to_base,
        quantity,
        refund_amount,
        'cancelled' as reason,
        cast(null as boolean) as is_restocked,
        cancelled_at as returned_at
    from {{ ref('int_cancelled_lines') }}
),

returned_lines as (
    select
        all_returns.return_id,
        all_returns.order_id,
        all_returns.order_line_id,
        all_returns.quantity,
        all_returns.refund_amount as refund_amount_txn,
        all_returns.reason,
        all_returns.is_restocked,
        all_returns.returned_at,
        coalesce(all_returns.product_id, priced_lines.product_id) as product_id,
        coalesce(all_returns.credit_note_id, all_returns.return_id) as credit_note_id,
        coalesce(all_returns.currency_code, orders.currency_code) as currency_code,
        coalesce(all_returns.rate_to_base, orders.rate_to_base) as rate_to_base,
        {{ local_date('all_returns.returned_at') }} as returned_on,
        orders.ordered_on,
        coalesce(validated.account_id, all_returns.account_id) as account_id,
        validated.exclusion_reason as order_exclusion_reason,
        -- goods that are sold again take their cost back, scrapped ones do not; if nobody says, they are sold again
        case
            when coalesce(all_returns.is_restocked, true)
                then priced_lines.cost_amount * {{ ratio('all_returns.quantity', 'priced_lines.quantity') }}
            when priced_lines.cost_amount is not null then 0
        end as cost_amount
    from all_returns
    left join {{ ref('int_orders_converted') }} as orders
        on all_returns.order_id = orders.order_id
    left join {{ ref('int_orders_validated') }} as validated
        on all_returns.order_id = validated.order_id
    left join {{ ref('int_order_lines_priced') }} as priced_lines
        on all_returns.order_line_id = priced_lines.order_line_id
),

returns_valued as (
    select
        returned_lines.*,
        cast({{ product('returned_lines.refund_amount_txn', 'returned_lines.rate_to_base') }} as decimal(18, 4))
            as refund_amount,
        cast({{ product('returned_lines.refund_amount_txn', 'rates.rate_to_base') }} as decimal(18, 4))
            as refund_amount_of_day,
        coalesce(products.product_type, 'goods')
        not in ('{{ var("product_types_outside_sales") | join("', '") }}') as is_merchandise,
        {{ is_tester() }} as is_test
    from returned_lines
    {{ join_exchange_rate('returned_lines.currency_code', 'returned_lines.returned_on') }}
    left join {{ ref('products') }} as products
        on returned_lines.product_id = products.product_id
    {{ join_testers(account_id='returned_lines.account_id') }}
),

returns_judged as (
    select
        returns_valued.*,
        case
            when returns_valued.is_test then 'test'
            when returns_valued.order_exclusion_reason is not null
                then 'order_' || returns_valued.order_exclusion_reason
            {% if var('exclude_orders_without_buyer') -%}
            when returns_valued.account_id is null then 'no_buyer'
            {% endif -%}
            when not returns_valued.is_merchandise then 'not_merchandise'
            when returns_valued.returned_on > as_of.as_of_on then 'after_as_of'
        end as exclusion_reason
    from returns_valued
    cross join {{ ref('int_as_of') }} as as_of
)

select
    return_id,
    credit_note_id,
    account_id,
    order_id,
    order_line_id,
    product_id,
    exclusion_reason,
    currency_code,
    quantity,
    refund_amount_txn,
    refund_amount,
    cast(refund_amount_of_day - refund_amount as decimal(18, 4)) as fx_difference_amount,
    cast(cost_amount as decimal(18, 4)) as cost_amount,
    reason,
    is_merchandise,
    is_restocked,
    exclusion_reason is null as is_valid,
    returned_on,
    ordered_on,
    returned_at
from returns_judged
