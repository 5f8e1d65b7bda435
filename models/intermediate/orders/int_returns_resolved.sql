-- Grain: one row per return that the shop credited. Key: return_id. Clock: returned_at. The order is the one named,
-- else that of the line named. A refund in the order's currency takes the order's own rate, so that what was sold and
-- taken back nets to zero; any other takes the rate of its own day, which screening made sure of.
with returns_with_order as (
    select
        returns.*,
        coalesce(returns.order_id, order_lines.order_id) as resolved_order_id
    from {{ ref('returns') }} as returns
    left join {{ ref('order_lines') }} as order_lines
        on returns.order_line_id = order_lines.order_line_id
),

returns_with_currency as (
    select
        returns.return_id,
        returns.credit_note_id,
        returns.account_id,
        returns.resolved_order_id as order_id,
        returns.order_line_id,
        returns.product_id,
        returns.quantity,
        returns.refund_amount,
        returns.reason,
        returns.is_restocked,
        returns.returned_at,
        {{ currency_or_base('coalesce(returns.currency_code, orders.currency_code)') }} as currency_code,
        orders.currency_code as order_currency_code,
        orders.rate_to_base as order_rate_to_base,
        {{ local_date('returns.returned_at') }} as returned_on
    from returns_with_order as returns
    left join {{ ref('int_orders_converted') }} as orders
        on returns.resolved_order_id = orders.order_id
)

select
    returns.return_id,
    returns.credit_note_id,
    returns.account_id,
    returns.order_id,
    returns.order_line_id,
    returns.product_id,
    returns.currency_code,
    returns.quantity,
    returns.refund_amount,
    case
        when returns.currency_code = returns.order_currency_code then returns.refund_amount
        else {{ scaled('returns.refund_amount', 'rates.rate_to_base', 'returns.order_rate_to_base') }}
    end as order_refund_amount,
    case
        when returns.currency_code = returns.order_currency_code then returns.order_rate_to_base
        else rates.rate_to_base
    end as rate_to_base,
    returns.reason,
    returns.is_restocked,
    returns.returned_at
from returns_with_currency as returns
{{ join_exchange_rate('returns.currency_code', 'returns.returned_on') }}
