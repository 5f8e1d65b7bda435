-- Grain: one row per open invoice that wants attention at as_of: overdue, disputed, or one of the large ones, which
-- are the largest that together make up half of all that is open (large_open_invoices_share). Key: invoice_id.
-- Amounts are additive over invoices. Clock: as_of. reason says why it is on the list. Credit notes are not on it.
with open_invoices as (
    select
        invoices.invoice_id,
        invoices.account_id,
        invoices.order_id,
        invoices.currency_code,
        invoices.payment_terms_days,
        invoices.aging_bucket,
        invoices.amount,
        invoices.paid_amount_txn,
        invoices.open_amount_txn,
        invoices.open_amount,
        invoices.is_disputed,
        invoices.issued_on,
        invoices.due_on,
        {{ dbt.datediff('invoices.due_on', 'as_of.as_of_on', 'day') }} as days_past_due,
        sum(invoices.open_amount) over () as receivables_amount,
        coalesce(sum(invoices.open_amount) over (
            order by invoices.open_amount desc, invoices.invoice_id asc
            rows between unbounded preceding and 1 preceding
        ), 0) as larger_amount
    from {{ ref('fct_invoices') }} as invoices
    cross join {{ ref('int_as_of') }} as as_of
    where
        invoices.is_valid
        and invoices.open_amount > 0
),

open_invoices_judged as (
    select
        *,
        days_past_due > 0 as is_overdue,
        larger_amount < {{ var('large_open_invoices_share') }} * receivables_amount as is_large
    from open_invoices
)

select
    invoices.invoice_id,
    invoices.account_id,
    accounts.account_name,
    coalesce(accounts.company_size, 'unknown') as company_size,
    coalesce(accounts.owner_rep_id, 'unknown') as owner_rep_id,
    invoices.order_id,
    invoices.currency_code,
    invoices.payment_terms_days,
    invoices.aging_bucket,
    invoices.amount,
    invoices.paid_amount_txn,
    invoices.open_amount_txn,
    invoices.open_amount,
    {{ ratio('invoices.open_amount', 'invoices.receivables_amount') }} as receivables_rate,
    cast(invoices.days_past_due as double) as past_due_days,
    invoices.is_overdue,
    invoices.is_disputed,
    invoices.is_large,
    concat_ws(
        ', ',
        case when invoices.is_disputed then 'disputed' end,
        case when invoices.is_overdue then 'overdue' end,
        case when invoices.is_large then 'large' end
    ) as reason,
    invoices.issued_on,
    invoices.due_on
from open_invoices_judged as invoices
left join {{ ref('dim_account') }} as accounts
    on invoices.account_id = accounts.account_id
where
    invoices.is_overdue
    or invoices.is_disputed
    or invoices.is_large
