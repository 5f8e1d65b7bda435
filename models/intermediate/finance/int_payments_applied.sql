-- Grain: one row per payment of an invoice up to as_of. Key: payment_id. Additive. Clocks: paid_on, and applied_on:
-- money that came before the invoice settles it on the day of issue. amount_txn is in the invoice's currency, amount in
-- the base currency at the rate of paid_on.
select
    payments.payment_id,
    payments.invoice_id,
    payments.account_id,
    payments.invoice_currency_code as currency_code,
    payments.invoice_amount_txn as amount_txn,
    payments.amount,
    payments.issued_on,
    payments.paid_on,
    greatest(payments.paid_on, payments.issued_on) as applied_on
from {{ ref('int_payments_valued') }} as payments
cross join {{ ref('int_as_of') }} as as_of
where
    payments.issued_on is not null
    and payments.paid_on <= as_of.as_of_on
