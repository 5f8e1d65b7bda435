-- Grain: one row per payment, matched to an invoice or not. Key: payment_id. Additive. Clock: paid_on. A payment that
-- names no currency is in that of its invoice. amount is in the base currency at the rate of paid_on. A currency that a
-- payment names has a rate on that day; that of its invoice need not, and takes the rate of the day of issue then,
-- which every invoice has.
with payments as (
    select
        payments.payment_id,
        payments.invoice_id,
        coalesce(payments.account_id, invoices.account_id) as account_id,
        coalesce(payments.currency_code, {{ currency_or_base('invoices.currency_code') }}) as currency_code,
        {{ currency_or_base('invoices.currency_code') }} as invoice_currency_code,
        payments.payment_method,
        payments.amount,
        coalesce(invoices.is_test, false) as is_of_test_invoice,
        invoices.issued_on,
        payments.paid_on
    from {{ ref('payments') }} as payments
    left join {{ ref('int_invoices_resolved') }} as invoices
        on payments.invoice_id = invoices.invoice_id
),

payments_with_rates as (
    select
        payments.*,
        coalesce(rates.rate_to_base, issue_rates.rate_to_base) as rate_to_base,
        coalesce(invoice_rates.rate_to_base, issue_rates.rate_to_base) as invoice_rate_to_base
    from payments
    {{ join_exchange_rate('payments.currency_code', 'payments.paid_on') }}
    {{ join_exchange_rate('payments.invoice_currency_code', 'payments.paid_on', alias='invoice_rates') }}
    {{ join_exchange_rate('payments.invoice_currency_code', 'payments.issued_on', alias='issue_rates') }}
)

select
    payment_id,
    invoice_id,
    account_id,
    currency_code,
    invoice_currency_code,
    payment_method,
    amount as amount_txn,
    case
        when currency_code = invoice_currency_code then amount
        else {{ scaled('amount', 'rate_to_base', 'invoice_rate_to_base') }}
    end as invoice_amount_txn,
    cast({{ product('amount', 'rate_to_base') }} as decimal(18, 4)) as amount,
    is_of_test_invoice,
    issued_on,
    paid_on
from payments_with_rates
