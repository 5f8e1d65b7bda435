-- Grain: one row per person at an account, those that only other exports name included. Key: contact_id. No name,
-- address or phone number.
{% set entities_naming_contacts = [
    'orders', 'leads', 'activities', 'quotes', 'web_events', 'email_events', 'inquiries', 'survey_responses'
] %}
with named_contacts as (
    {% for entity in entities_naming_contacts -%}
    select contact_id from {{ ref(entity) }}
    where contact_id is not null
    union
    {% endfor -%}
    select contact_id from {{ ref('contacts') }}
)

select
    named_contacts.contact_id,
    contacts.account_id,
    contacts.email_hash,
    contacts.job_title,
    contacts.job_level,
    contacts.buying_role,
    contacts.age_band,
    contacts.gender,
    contacts.education_level,
    coalesce(contacts.has_marketing_consent, false) as has_marketing_consent,
    coalesce(contacts.has_shop_login, false) as has_shop_login,
    {{ is_tester() }} as is_test,
    contacts.contact_id is not null as is_listed,
    contacts.created_at
from named_contacts
left join {{ ref('contacts') }} as contacts
    on named_contacts.contact_id = contacts.contact_id
{{ join_testers(contact_id='named_contacts.contact_id') }}
