-- Grain: one row per payment and invoice it settles. Key: payment_id. Additive. Clock: paid_on. Money that is matched
-- to no invoice is kept, with invoice_id empty. Amount in the base currency at the rate of its day.
select
    payments.payment_id,
    payments.invoice_id,
    coalesce(payments.account_id, invoices.account_id) as account_id,
    {{ currency_or_base('payments.currency_code') }} as currency_code,
    payments.payment_method,
    cast({{ product('payments.amount', 'rates.rate_to_base') }} as decimal(18, 4)) as amount,
    payments.amount as amount_txn,
    {{ counts_on('payments.paid_on') }} as is_valid,
    payments.paid_on
from {{ ref('payments') }} as payments
left join {{ ref('int_invoices_settled') }} as invoices
    on payments.invoice_id = invoices.invoice_id
{{ join_account_and_as_of('coalesce(payments.account_id, invoices.account_id)') }}
{{ join_exchange_rate(currency_or_base('payments.currency_code'), 'payments.paid_on') }}
