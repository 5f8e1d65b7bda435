-- Grain: one row per deal. Key: opportunity_id. Touches are additive over deals of different accounts only: deals of
-- one account share the people of overlapping times; contacts and roles are distinct counts. Clock: created_on to
-- closed_on, as_of for open deals. The buying group are the people of the account who were in touch from
-- buying_group_days before the deal was opened until it was decided: visits after log-in, clicks in e-mails, contacts
-- with sales, requests for quotes. People who never showed themselves cannot be counted: the number is a lower bound.
with deals as (
    select
        opportunities.opportunity_id,
        opportunities.account_id,
        opportunities.outcome,
        opportunities.amount,
        coalesce(opportunities.rep_id, 'unknown') as rep_id,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        opportunities.created_on,
        opportunities.closed_on,
        cast({{ dbt.dateadd('day', -var('buying_group_days'), 'opportunities.created_on') }} as date) as group_from,
        coalesce(opportunities.closed_on, as_of.as_of_on) as group_until
    from {{ ref('fct_opportunities') }} as opportunities
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('dim_account_history') }} as account_periods
        on opportunities.account_period_id = account_periods.account_period_id
    where opportunities.is_valid
),

touches as (
    select
        account_id,
        contact_id,
        touched_on
    from {{ ref('fct_touchpoints') }}
    where
        contact_id is not null
        and touch_type in ('web_session', 'email_click', 'sales_activity', 'quote_request')
),

people as (
    select
        deals.opportunity_id,
        touches.contact_id,
        count(*) as touches
    from deals
    inner join touches
        on
            deals.account_id = touches.account_id
            and deals.group_from <= touches.touched_on
            and deals.group_until >= touches.touched_on
    group by deals.opportunity_id, touches.contact_id
),

buying_groups as (
    select
        people.opportunity_id,
        count(*) as contacts,
        count(distinct contacts.buying_role) as buying_roles,
        sum(people.touches) as touches,
        bool_or(coalesce(contacts.buying_role = 'decision maker', false)) as has_decision_maker
    from people
    left join {{ ref('dim_contact') }} as contacts
        on people.contact_id = contacts.contact_id
    group by people.opportunity_id
)

select
    deals.opportunity_id,
    deals.account_id,
    deals.rep_id,
    deals.company_size,
    deals.outcome,
    deals.amount,
    coalesce(buying_groups.contacts, 0) as contacts,
    coalesce(buying_groups.buying_roles, 0) as buying_roles,
    cast(coalesce(buying_groups.touches, 0) as bigint) as touches,
    coalesce(buying_groups.has_decision_maker, false) as has_decision_maker,
    deals.created_on,
    deals.closed_on
from deals
left join buying_groups
    on deals.opportunity_id = buying_groups.opportunity_id
