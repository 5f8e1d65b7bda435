-- Grain: one row per person and company that may use the shop for it. Key: account_id, contact_id. A user has a shop
-- login, or has visited after logging in or ordered on the web for the company, whatever the CRM says. Testers and
-- staff are out; so are people of whom no company is known. known_on is empty when nobody recorded when the login was
-- made.
with listed as (
    select
        contacts.account_id,
        contacts.contact_id,
        {{ local_date('contacts.created_at') }} as created_on
    from {{ ref('dim_contact') }} as contacts
    inner join {{ ref('dim_account') }} as accounts
        on contacts.account_id = accounts.account_id
    where contacts.has_shop_login and not accounts.is_test and not contacts.is_test
),

active as (
    select
        account_id,
        contact_id,
        min(active_on) as first_active_on,
        max(active_on) as last_active_on
    from {{ ref('int_user_days') }}
    group by account_id, contact_id
),

users as (
    select
        account_id,
        contact_id
    from listed
    union
    select
        account_id,
        contact_id
    from active
)

select
    users.account_id,
    users.contact_id,
    -- an unknown day of creation stays unknown: the login may be older than the first visit
    case
        when listed.contact_id is null then active.first_active_on
        when listed.created_on is not null then least(listed.created_on, active.first_active_on)
    end as known_on,
    active.last_active_on
from users
left join listed
    on
        users.account_id = listed.account_id
        and users.contact_id = listed.contact_id
left join active
    on
        users.account_id = active.account_id
        and users.contact_id = active.contact_id
