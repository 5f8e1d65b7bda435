-- Grain: one row per invoice or credit note, whenever it was issued. Key: invoice_id. Clock: issued_on. Says what an
-- invoice leaves to its order or account: who owes it (the company that ordered; a guest has no account), in which
-- currency, on what terms, and whether it is of testers or staff, as every invoice of a test order is.
with orders as (
    select
        orders.order_id,
        case when not validated.is_guest then validated.account_id end as account_id,
        orders.currency_code,
        orders.payment_terms_days,
        coalesce(validated.exclusion_reason = 'test', false) as is_test
    from {{ ref('orders') }} as orders
    inner join {{ ref('int_orders_validated') }} as validated
        on orders.order_id = validated.order_id
),

invoices_with_debtor as (
    select
        invoices.* {{ except_columns(['currency_code']) }},
        {{ currency_or_base('coalesce(invoices.currency_code, orders.currency_code)') }} as currency_code,
        coalesce(invoices.account_id, orders.account_id) as debtor_id,
        coalesce(invoices.payment_terms_days, orders.payment_terms_days) as agreed_terms_days,
        coalesce(orders.is_test, false) as is_of_test_order
    from {{ ref('invoices') }} as invoices
    left join orders
        on invoices.order_id = orders.order_id
)

select
    invoices.invoice_id,
    invoices.order_id,
    invoices.debtor_id as account_id,
    invoices.currency_code,
    coalesce(invoices.agreed_terms_days, accounts.payment_terms_days) as payment_terms_days,
    invoices.amount,
    coalesce(invoices.is_disputed, false) as is_disputed,
    invoices.is_of_test_order or {{ is_tester() }} as is_test,
    invoices.issued_on,
    coalesce(
        invoices.due_on,
        cast({{ dbt.dateadd(
            'day', 'coalesce(invoices.agreed_terms_days, accounts.payment_terms_days, 0)', 'invoices.issued_on'
        ) }} as date)
    ) as due_on
from invoices_with_debtor as invoices
left join {{ ref('accounts') }} as accounts
    on invoices.debtor_id = accounts.account_id
{{ join_testers(account_id='invoices.debtor_id') }}
