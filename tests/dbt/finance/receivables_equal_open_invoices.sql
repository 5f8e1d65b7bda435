-- The balance of the last month, built up from invoices and payments, is what the invoices say is open.
with balances as (
    select sum(closing_amount) as amount
    from {{ ref('kpi_receivables') }}
    where month_start = (select max(month_start) from {{ ref('int_months') }})
),

invoices as (
    select sum(open_amount) as amount
    from {{ ref('fct_invoices') }}
    where is_valid
)

select
    balances.amount as balance,
    invoices.amount as open_invoices
from balances
cross join invoices
where coalesce(balances.amount, 0) <> coalesce(invoices.amount, 0)
