-- Grain: one row per customer or prospect: the accounts of the CRM, those that only other exports name, and guests.
-- Key: account_id. A company that orders exists whether or not a CRM lists it; without it, sums by customer would
-- miss its revenue.
{% set entities_naming_accounts = [
    'contacts', 'leads', 'opportunities', 'activities', 'agreements', 'quotes', 'invoices', 'payments', 'inquiries',
    'survey_responses', 'reviews'
] %}
with ordering_accounts as (
    select
        account_id,
        bool_or(is_guest) as is_guest,
        bool_and(coalesce(exclusion_reason = 'test', false)) as is_test
    from {{ ref('int_orders_validated') }}
    where account_id is not null
    group by account_id
),

named_accounts as (
    {% for entity in entities_naming_accounts -%}
    select account_id from {{ ref(entity) }}
    union
    {% endfor -%}
    select account_id from {{ ref('int_returns_valued') }}
    union
    select parent_account_id as account_id from {{ ref('accounts') }}
),

listed_accounts as (
    select
        account_id,
        account_name,
        parent_account_id,
        industry,
        employee_count,
        coalesce(company_size, case
            when employee_count < 50 then 'small'
            when employee_count < 250 then 'medium'
            when employee_count >= 250 then 'large'
        end) as company_size,
        country_code,
        acquisition_source,
        owner_rep_id,
        payment_terms_days,
        credit_limit,
        created_at
    from {{ ref('accounts') }}
),

account_ids as (
    select account_id from listed_accounts
    union
    select account_id from ordering_accounts
    union
    select account_id from named_accounts
    where account_id is not null
)

select
    account_ids.account_id,
    coalesce(
        listed_accounts.account_name,
        case when ordering_accounts.is_guest then 'Guest' else account_ids.account_id end
    ) as account_name,
    listed_accounts.parent_account_id,
    listed_accounts.industry,
    listed_accounts.employee_count,
    listed_accounts.company_size,
    listed_accounts.country_code,
    listed_accounts.acquisition_source,
    listed_accounts.owner_rep_id,
    listed_accounts.payment_terms_days,
    listed_accounts.credit_limit,
    listed_accounts.account_id is not null as is_listed,
    coalesce(ordering_accounts.is_guest, false) as is_guest,
    -- a guest of whom there are only tests is a tester
    {{ is_tester() }}
    or coalesce(ordering_accounts.is_guest and ordering_accounts.is_test, false) as is_test,
    listed_accounts.created_at
from account_ids
left join listed_accounts
    on account_ids.account_id = listed_accounts.account_id
left join ordering_accounts
    on account_ids.account_id = ordering_accounts.account_id
{{ join_testers(account_id='account_ids.account_id') }}
