-- Grain: one row per account, person and order of testers and staff. Key: record_type, record_id. The one place that
-- says what is a test: accounts and orders marked so, people with an address of our own (internal_email_domains) or at
-- such an account, and orders of any of them. All who read it leave its rows out of KPIs, none out of the facts.
with test_accounts as (
    select account_id
    from {{ ref('accounts') }}
    where is_test
),

test_contacts as (
    select contacts.contact_id
    from {{ ref('contacts') }} as contacts
    left join test_accounts
        on contacts.account_id = test_accounts.account_id
    where
        contacts.is_internal
        or test_accounts.account_id is not null
),

test_orders as (
    select orders.order_id
    from {{ ref('orders') }} as orders
    left join test_accounts
        on orders.account_id = test_accounts.account_id
    left join test_contacts
        on orders.contact_id = test_contacts.contact_id
    where
        orders.is_test
        or orders.is_internal
        or test_accounts.account_id is not null
        or test_contacts.contact_id is not null
)

select
    'account' as record_type,
    account_id as record_id
from test_accounts

union all

select
    'contact' as record_type,
    contact_id as record_id
from test_contacts

union all

select
    'order' as record_type,
    order_id as record_id
from test_orders
