-- Grain: one row per return line. Key: return_id. Additive. Clock: the day it was credited (ledger view); ordered_on
-- carries the cohort view. A refund in the order's currency takes the order's own rate, so that what was sold and
-- taken back nets to zero; any other takes the rate of its own day. is_valid says whether it lowers net sales; the
-- first reason that applies is given in exclusion_reason.
with returned_lines as (
    select
        returns.return_id,
        returns.order_id,
        returns.order_line_id,
        returns.quantity,
        returns.refund_amount,
        returns.returned_at,
        coalesce(returns.product_id, order_lines.product_id) as product_id,
        coalesce(returns.credit_note_id, returns.return_id) as credit_note_id,
        coalesce(returns.currency_code, orders.currency_code, '{{ var("base_currency") }}') as currency_code,
        {{ local_date('returns.returned_at') }} as returned_on,
        orders.currency_code as order_currency_code,
        orders.rate_to_base as order_rate_to_base,
        orders.ordered_on,
        coalesce(validated.account_id, returns.account_id) as account_id,
        validated.exclusion_reason as order_exclusion_reason
    from {{ ref('returns') }} as returns
    left join {{ ref('int_orders_converted') }} as orders
        on returns.order_id = orders.order_id
    left join {{ ref('int_orders_validated') }} as validated
        on returns.order_id = validated.order_id
    left join {{ ref('order_lines') }} as order_lines
        on returns.order_line_id = order_lines.order_line_id
),

returns_valued as (
    select
        returned_lines.*,
        coalesce(products.product_type, 'goods')
        not in ('{{ var("product_types_outside_sales") | join("', '") }}') as is_merchandise,
        coalesce(accounts.is_test, false) as is_test,
        case
            when returned_lines.currency_code = returned_lines.order_currency_code
                then returned_lines.order_rate_to_base
            else rates.rate_to_base
        end as rate_to_base
    from returned_lines
    left join {{ ref('int_exchange_rate_periods') }} as rates
        on
            returned_lines.currency_code = rates.currency_code
            and returned_lines.returned_on >= rates.valid_from
            and returned_lines.returned_on < rates.valid_until
    left join {{ ref('products') }} as products
        on returned_lines.product_id = products.product_id
    left join {{ ref('accounts') }} as accounts
        on returned_lines.account_id = accounts.account_id
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
    refund_amount as refund_amount_txn,
    cast({{ product('refund_amount', 'rate_to_base') }} as decimal(18, 4)) as refund_amount,
    is_merchandise,
    exclusion_reason is null as is_valid,
    returned_on,
    ordered_on,
    returned_at
from returns_judged
