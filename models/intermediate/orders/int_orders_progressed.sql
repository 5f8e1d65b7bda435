-- Grain: one row per order that was shipped or paid, at least in part. Key: order_id. Clocks: when the first goods
-- left, and the local day the first money for one of its invoices came in.
with shipped as (
    select
        order_lines.order_id,
        min(shipments.shipped_at) as first_shipped_at,
        max(shipments.shipped_at) as last_shipped_at
    from {{ ref('shipments') }} as shipments
    inner join {{ ref('order_lines') }} as order_lines
        on shipments.order_line_id = order_lines.order_line_id
    where shipments.quantity > 0
    group by order_lines.order_id
),

paid as (
    select
        invoices.order_id,
        min(payments.paid_on) as first_paid_on
    from {{ ref('payments') }} as payments
    inner join {{ ref('invoices') }} as invoices
        on payments.invoice_id = invoices.invoice_id
    where
        invoices.order_id is not null
        and payments.amount > 0
    group by invoices.order_id
)

select
    coalesce(shipped.order_id, paid.order_id) as order_id,
    shipped.first_shipped_at,
    shipped.last_shipped_at,
    paid.first_paid_on
from shipped
full outer join paid
    on shipped.order_id = paid.order_id
