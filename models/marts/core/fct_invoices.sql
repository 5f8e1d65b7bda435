-- Grain: one row per invoice or credit note as it stood at as_of. Key: invoice_id. Amounts are additive over
-- invoices; open_amount is a balance: additive over invoices, not over time. Clocks: issued_on, due_on, settled_on.
select
    invoice_id,
    order_id,
    account_id,
    account_period_id,
    currency_code,
    payment_terms_days,
    aging_bucket,
    amount,
    amount_txn,
    paid_amount_txn,
    open_amount,
    open_amount_txn,
    days_late,
    not is_test as is_valid,
    is_disputed,
    is_credit_note,
    issued_on,
    due_on,
    settled_on
from {{ ref('int_invoices_settled') }}
