-- Grain: one row per customer or prospect, guests and accounts no CRM lists included. Key: account_id. Today's
-- attributes; those of the past are in dim_account_history.
with first_orders as (
    select
        account_id,
        min(ordered_on) as first_ordered_on,
        max(ordered_on) as last_ordered_on
    from {{ ref('int_account_order_days') }}
    group by account_id
)

select
    accounts.account_id,
    accounts.parent_account_id,
    hierarchy.ultimate_parent_id,
    hierarchy.hierarchy_level,
    accounts.owner_rep_id,
    accounts.account_name,
    accounts.industry,
    accounts.company_size,
    accounts.employee_count,
    accounts.country_code,
    accounts.acquisition_source,
    accounts.payment_terms_days,
    accounts.credit_limit as credit_limit_amount,
    accounts.is_listed,
    accounts.is_guest,
    accounts.is_test,
    first_orders.account_id is not null as is_customer,
    first_orders.first_ordered_on,
    first_orders.last_ordered_on,
    accounts.created_at
from {{ ref('int_accounts_unified') }} as accounts
left join first_orders
    on accounts.account_id = first_orders.account_id
left join {{ ref('int_account_hierarchy') }} as hierarchy
    on accounts.account_id = hierarchy.account_id
