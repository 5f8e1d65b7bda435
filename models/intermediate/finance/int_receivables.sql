-- Grain: one row per invoice or credit note that counts and calendar month, from the month of issue to that of the
-- last payment, or of as_of while something is open. Key: invoice_id, month_start. Flows are additive; balances are
-- additive over invoices, not over months. Clock: the month's end, as_of in the last month. Balances are what
-- invoices and payments dated up to then leave, at the closing rate of the day (of the day of issue where none is
-- known any more). They roll forward: opening + invoiced - paid + settlement difference + exchange difference =
-- closing. What was invoiced or paid before the first month of int_months counts in it. Disputes are as known today.
with months as (
    select
        months.month_start,
        least(months.month_end, as_of.as_of_on) as stated_on
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

bounds as (
    select
        min(month_start) as first_month,
        max(month_start) as last_month
    from months
),

payments_by_month as (
    select
        payments.invoice_id,
        greatest({{ month_of('payments.applied_on') }}, bounds.first_month) as month_start,
        sum(payments.amount_txn) as paid_amount_txn,
        sum(payments.amount) as paid_amount
    from {{ ref('int_payments_applied') }} as payments
    cross join bounds
    group by payments.invoice_id, greatest({{ month_of('payments.applied_on') }}, bounds.first_month)
),

last_payments as (
    select
        invoice_id,
        max(month_start) as month_start
    from payments_by_month
    group by invoice_id
),

invoices as (
    select
        invoices.*,
        rates.rate_to_base as issue_rate,
        greatest({{ month_of('invoices.issued_on') }}, bounds.first_month) as first_month,
        case
            -- a cent is settled; what was paid too much stays with the invoice
            when
                invoices.open_amount_txn = 0
                and abs(invoices.amount_txn - invoices.paid_amount_txn) <= 0.01
                then greatest(
                        {{ month_of('invoices.issued_on') }}, last_payments.month_start, bounds.first_month
                    )
            else bounds.last_month
        end as last_month
    from {{ ref('int_invoices_settled') }} as invoices
    cross join bounds
    left join last_payments
        on invoices.invoice_id = last_payments.invoice_id
    {{ join_exchange_rate('invoices.currency_code', 'invoices.issued_on') }}
    where not invoices.is_test
),

invoice_months as (
    select
        invoices.*,
        months.month_start,
        months.stated_on,
        coalesce(payments.paid_amount, 0) as paid_amount,
        sum(coalesce(payments.paid_amount_txn, 0)) over (
            partition by invoices.invoice_id
            order by months.month_start
            rows between unbounded preceding and current row
        ) as paid_so_far_txn
    from invoices
    inner join months
        on
            invoices.first_month <= months.month_start
            and invoices.last_month >= months.month_start
    left join payments_by_month as payments
        on
            invoices.invoice_id = payments.invoice_id
            and months.month_start = payments.month_start
),

balances_txn as (
    select
        *,
        -- as in int_invoices_settled: a cent short is settled, and what is paid too much is no negative debt
        case
            when amount_txn <= 0 then amount_txn - paid_so_far_txn
            when amount_txn - paid_so_far_txn <= 0.01 then 0
            else amount_txn - paid_so_far_txn
        end as balance_txn
    from invoice_months
),

balances as (
    select
        balances_txn.*,
        coalesce(rates.rate_to_base, balances_txn.issue_rate) as closing_rate,
        cast(
            {{ product('balances_txn.balance_txn', 'coalesce(rates.rate_to_base, balances_txn.issue_rate)') }}
            as decimal(18, 4)
        ) as closing_amount,
        case
            when balances_txn.amount_txn > 0 and balances_txn.paid_so_far_txn > balances_txn.amount_txn + 0.01
                then balances_txn.paid_so_far_txn - balances_txn.amount_txn
            else 0
        end as overpaid_txn,
        balances_txn.balance_txn - (balances_txn.amount_txn - balances_txn.paid_so_far_txn) as settlement_txn
    from balances_txn
    {{ join_exchange_rate('balances_txn.currency_code', 'balances_txn.stated_on') }}
),

movements as (
    select
        *,
        coalesce(lag(closing_amount) over (partition by invoice_id order by month_start), 0) as opening_amount,
        case when month_start = first_month then amount else 0 end as invoiced_amount,
        cast(
            {{ product(
                'settlement_txn - coalesce(lag(settlement_txn) over (partition by invoice_id order by month_start), 0)',
                'closing_rate'
            ) }} as decimal(18, 4)
        ) as settlement_difference_amount,
        cast({{ product('overpaid_txn', 'closing_rate') }} as decimal(18, 4)) as overpaid_amount,
        {{ dbt.datediff('due_on', 'stated_on', 'day') }} as days_past_due
    from balances
)

select
    invoice_id,
    month_start,
    account_id,
    account_period_id,
    currency_code,
    stated_on,
    cast(opening_amount as decimal(18, 4)) as opening_amount,
    cast(invoiced_amount as decimal(18, 4)) as invoiced_amount,
    cast(paid_amount as decimal(18, 4)) as paid_amount,
    settlement_difference_amount,
    cast(
        closing_amount - opening_amount - invoiced_amount + paid_amount - settlement_difference_amount
        as decimal(18, 4)
    ) as exchange_difference_amount,
    closing_amount,
    overpaid_amount,
    days_past_due,
    case
        when balance_txn <= 0 then null
        when days_past_due <= 0 then 'current'
        when days_past_due <= 30 then '1-30'
        when days_past_due <= 60 then '31-60'
        when days_past_due <= 90 then '61-90'
        else 'over_90'
    end as aging_bucket,
    is_disputed
from movements
