-- Grain: one row per lead that counts. Key: lead_id. Clock: the local day it came in. Leads of one account that
-- follow within lead_merge_days of the one before are one lead, known by the first; leads without an account cannot
-- be merged. A lead of a company that had already bought is no chance of a new customer: it is flagged, and out of
-- lead conversion. is_converted: the account's first valid order came within lead_conversion_days.
with leads as (
    select
        leads.lead_id,
        leads.account_id,
        leads.contact_id,
        leads.created_at,
        leads.first_responded_at,
        leads.status,
        leads.converted_at,
        leads.source,
        leads.campaign_id,
        {{ local_date('leads.created_at') }} as created_on,
        lag(leads.created_at) over (
            partition by leads.account_id
            order by leads.created_at, leads.lead_id
        ) as previous_created_at
    from {{ ref('leads') }} as leads
    cross join {{ ref('int_as_of') }} as as_of
    where {{ local_date('leads.created_at') }} <= as_of.as_of_on
),

first_orders as (
    select
        account_id,
        min(ordered_on) as first_ordered_on
    from {{ ref('int_account_order_days') }}
    group by account_id
)

select
    leads.lead_id,
    leads.account_id,
    leads.contact_id,
    leads.source,
    leads.campaign_id,
    leads.status,
    leads.created_on,
    first_orders.first_ordered_on,
    coalesce(first_orders.first_ordered_on < leads.created_on, false) as is_existing_customer,
    coalesce(
        first_orders.first_ordered_on >= leads.created_on
        and first_orders.first_ordered_on
        <= {{ dbt.dateadd('day', var('lead_conversion_days'), 'leads.created_on') }},
        false
    ) as is_converted,
    leads.created_at,
    leads.first_responded_at,
    leads.converted_at
from leads
left join first_orders
    on leads.account_id = first_orders.account_id
left join {{ ref('accounts') }} as accounts
    on leads.account_id = accounts.account_id
where
    (
        leads.account_id is null
        or leads.previous_created_at is null
        or leads.created_at >= leads.previous_created_at + interval {{ var('lead_merge_days') }} day
    )
    and not coalesce(accounts.is_test, false)
