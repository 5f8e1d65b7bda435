-- Grain: one row per person at an account. Key: contact_id. No name, address or phone number.
select
    contact_id,
    account_id,
    email_hash,
    job_title,
    job_level,
    buying_role,
    coalesce(has_marketing_consent, false) as has_marketing_consent,
    coalesce(has_shop_login, false) as has_shop_login,
    created_at
from {{ ref('contacts') }}
