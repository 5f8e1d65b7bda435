-- Grain: one row per payment and invoice it settles. Key: payment_id. Additive. Clock: paid_on. Money that is matched
-- to no invoice is kept, with invoice_id empty. Amount in the base currency at the rate of its day.
select
    payments.payment_id,
    payments.invoice_id,
    payments.account_id,
    account_periods.account_period_id,
    payments.currency_code,
    payments.payment_method,
    payments.amount,
    payments.amount_txn,
    not payments.is_of_test_invoice
    and {{ counts_on('payments.paid_on') }} as is_valid,
    payments.paid_on
from {{ ref('int_payments_valued') }} as payments
{{ join_account_and_as_of('payments.account_id') }}
{{ join_account_period('payments.account_id', 'payments.paid_on') }}
