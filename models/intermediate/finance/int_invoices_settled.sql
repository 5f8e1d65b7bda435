-- Grain: one row per invoice or credit note as it stood at as_of. Key: invoice_id. Clocks: issued_on; due_on; and
-- settled_on, the day the payments first covered the amount. Amounts paid are in the invoice's currency. What is open
-- is valued at the rate of as_of (closing rate; where none is known any more, the one below), what was invoiced at the
-- rate of the day of issue.
with invoices as (
    select
        invoices.*,
        as_of.as_of_on
    from {{ ref('int_invoices_resolved') }} as invoices
    cross join {{ ref('int_as_of') }} as as_of
    where invoices.issued_on <= as_of.as_of_on
),

payments_running as (
    select
        invoice_id,
        payment_id,
        paid_on,
        amount_txn as amount,
        sum(amount_txn) over (
            partition by invoice_id
            order by paid_on, payment_id
            rows between unbounded preceding and current row
        ) as paid_so_far
    from {{ ref('int_payments_applied') }}
),

-- A payment that is taken back, such as a returned direct debit, opens the invoice again.
payments_lasting as (
    select
        *,
        min(paid_so_far) over (
            partition by invoice_id
            order by paid_on, payment_id
            rows between current row and unbounded following
        ) as paid_from_here_on
    from payments_running
),

settlements as (
    select
        running.invoice_id,
        sum(running.amount) as paid_amount,
        -- a cent short is settled: banks and conversions round
        min(running.paid_on)
        filter (where running.paid_from_here_on >= invoices.amount - 0.01) as settled_on
    from payments_lasting as running
    inner join invoices
        on running.invoice_id = invoices.invoice_id
    group by running.invoice_id
),

invoices_with_balance as (
    select
        invoices.*,
        coalesce(settlements.paid_amount, 0) as paid_amount,
        settlements.settled_on,
        case
            when invoices.amount <= 0 then invoices.amount - coalesce(settlements.paid_amount, 0)
            when settlements.settled_on is not null then 0
            else invoices.amount - coalesce(settlements.paid_amount, 0)
        end as open_amount
    from invoices
    left join settlements
        on invoices.invoice_id = settlements.invoice_id
)

select
    invoices.invoice_id,
    invoices.order_id,
    invoices.account_id,
    account_periods.account_period_id,
    invoices.currency_code,
    invoices.payment_terms_days,
    invoices.amount as amount_txn,
    cast(invoices.paid_amount as decimal(18, 4)) as paid_amount_txn,
    cast(invoices.open_amount as decimal(18, 4)) as open_amount_txn,
    cast({{ product('invoices.amount', 'rates.rate_to_base') }} as decimal(18, 4)) as amount,
    cast(
        {{ product('invoices.open_amount', 'coalesce(closing_rates.rate_to_base, rates.rate_to_base)') }}
        as decimal(18, 4)
    ) as open_amount,
    greatest(
        {{ dbt.datediff('invoices.due_on', 'coalesce(invoices.settled_on, invoices.as_of_on)', 'day') }}, 0
    ) as days_late,
    case
        when invoices.open_amount <= 0 then null
        when invoices.due_on >= invoices.as_of_on then 'current'
        when {{ dbt.datediff('invoices.due_on', 'invoices.as_of_on', 'day') }} <= 30 then '1-30'
        when {{ dbt.datediff('invoices.due_on', 'invoices.as_of_on', 'day') }} <= 60 then '31-60'
        when {{ dbt.datediff('invoices.due_on', 'invoices.as_of_on', 'day') }} <= 90 then '61-90'
        else 'over_90'
    end as aging_bucket,
    invoices.is_disputed,
    invoices.amount < 0 as is_credit_note,
    invoices.is_test,
    invoices.issued_on,
    invoices.due_on,
    invoices.settled_on
from invoices_with_balance as invoices
{{ join_exchange_rate('invoices.currency_code', 'invoices.issued_on') }}
{{ join_exchange_rate('invoices.currency_code', 'invoices.as_of_on', alias='closing_rates') }}
{{ join_account_period('invoices.account_id', 'invoices.issued_on') }}
