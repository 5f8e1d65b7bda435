-- Grain: one row per payment of an invoice up to as_of. Key: payment_id. Additive. Clocks: paid_on, and applied_on:
-- money that came before the invoice settles it on the day of issue. amount_txn is in the invoice's currency: a
-- payment in another one is converted at the rates of its day. amount is in the base currency at the rate of paid_on.
select
    payments.payment_id,
    payments.invoice_id,
    coalesce(payments.account_id, invoices.account_id) as account_id,
    {{ currency_or_base('invoices.currency_code') }} as currency_code,
    case
        when {{ currency_or_base('payments.currency_code') }} = {{ currency_or_base('invoices.currency_code') }}
            then payments.amount
        else {{ scaled('payments.amount', 'rates.rate_to_base', 'invoice_rates.rate_to_base') }}
    end as amount_txn,
    cast({{ product('payments.amount', 'rates.rate_to_base') }} as decimal(18, 4)) as amount,
    invoices.issued_on,
    payments.paid_on,
    greatest(payments.paid_on, invoices.issued_on) as applied_on
from {{ ref('payments') }} as payments
inner join {{ ref('invoices') }} as invoices
    on payments.invoice_id = invoices.invoice_id
cross join {{ ref('int_as_of') }} as as_of
{{ join_exchange_rate(currency_or_base('payments.currency_code'), 'payments.paid_on') }}
{{ join_exchange_rate(currency_or_base('invoices.currency_code'), 'payments.paid_on', alias='invoice_rates') }}
where payments.paid_on <= as_of.as_of_on
