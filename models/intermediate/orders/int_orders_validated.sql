-- Grain: one row per order, valid or not. Key: order_id. The one place that decides whether an order counts: no KPI
-- filters orders by anything but is_valid. The first reason that applies is given.
--   test         an order of testers or staff (int_testers)
--   cancelled    cancelled before anything was shipped or paid. One that was cancelled later stays: the sale took
--                place, and int_cancelled_lines takes it back on the day of the cancellation
--   no_sale      replacement or sample
--   no_buyer     neither account nor guest key, nor a person of whom the account is known, so it belongs to no
--                customer (exclude_orders_without_buyer)
--   zero_value   nothing was charged
--   after_as_of  placed after the day the numbers are stated for
with order_values as (
    select
        order_id,
        sum(net_amount) as net_amount
    from {{ ref('int_order_lines_priced') }}
    group by order_id
),

orders as (
    select
        orders.order_id,
        -- a guest is a customer of its own, never the one account "null"
        coalesce(
            orders.account_id,
            orders.source_system || ':guest:' || lower(orders.guest_key),
            contacts.account_id
        ) as account_id,
        orders.account_id is null and orders.guest_key is not null as is_guest,
        {{ is_tester() }} as is_test,
        orders.cancelled_at is not null or coalesce(orders.status = 'cancelled', false) as is_cancelled,
        -- a cancellation that nobody dated followed whatever was shipped or paid
        coalesce(progressed.first_shipped_at < orders.cancelled_at, progressed.first_shipped_at is not null)
        or coalesce(
            progressed.first_paid_on <= {{ local_date('orders.cancelled_at') }}, progressed.first_paid_on is not null
        ) as is_under_way,
        coalesce(orders.order_type, 'standard') in ('replacement', 'sample') as is_no_sale,
        coalesce(order_values.net_amount, 0) = 0 as is_zero_value,
        converted.ordered_on
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_converted') }} as converted
        on orders.order_id = converted.order_id
    {{ join_testers(order_id='orders.order_id') }}
    left join {{ ref('contacts') }} as contacts
        on orders.contact_id = contacts.contact_id
    left join order_values
        on orders.order_id = order_values.order_id
    left join {{ ref('int_orders_progressed') }} as progressed
        on orders.order_id = progressed.order_id
),

orders_judged as (
    select
        orders.order_id,
        orders.account_id,
        orders.is_guest,
        orders.is_cancelled and orders.is_under_way as is_cancelled_after_shipment,
        orders.ordered_on,
        case
            when orders.is_test then 'test'
            when orders.is_cancelled and not orders.is_under_way then 'cancelled'
            when orders.is_no_sale then 'no_sale'
            {% if var('exclude_orders_without_buyer') -%}
            when orders.account_id is null then 'no_buyer'
            {% endif -%}
            when orders.is_zero_value then 'zero_value'
            when orders.ordered_on > as_of.as_of_on then 'after_as_of'
        end as exclusion_reason
    from orders
    cross join {{ ref('int_as_of') }} as as_of
)

select
    order_id,
    account_id,
    exclusion_reason,
    is_guest,
    is_cancelled_after_shipment,
    exclusion_reason is null as is_valid,
    ordered_on
from orders_judged
