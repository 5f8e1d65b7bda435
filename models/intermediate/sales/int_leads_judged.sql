-- Grain: one row per lead. Key: lead_id. Clock: the local day it came in. The first reason that applies keeps a lead
-- out of KPIs (exclusion_reason):
--   test         of testers and staff
--   repeat       of an account whose lead before came in less than lead_merge_days earlier: they are one lead, known by
--                the first. Leads without an account cannot be merged
--   after_as_of  came in after the day the numbers are stated for
-- A lead of a company that had already bought is no chance of a new customer: it is flagged, and out of lead
-- conversion. is_converted: the account's first valid order came within lead_conversion_days.
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
        {{ is_tester() }} as is_test,
        {{ local_date('leads.created_at') }} as created_on
    from {{ ref('leads') }} as leads
    {{ join_testers('leads.account_id', 'leads.contact_id') }}
),

leads_in_turn as (
    select
        *,
        case
            when account_id is not null
                then lag(created_at) over (partition by account_id, is_test order by created_at, lead_id)
        end as previous_created_at
    from leads
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
    case
        when leads.is_test then 'test'
        when leads.created_at < leads.previous_created_at + interval {{ var('lead_merge_days') }} day then 'repeat'
        when leads.created_on > as_of.as_of_on then 'after_as_of'
    end as exclusion_reason,
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
from leads_in_turn as leads
left join first_orders
    on leads.account_id = first_orders.account_id
cross join {{ ref('int_as_of') }} as as_of
