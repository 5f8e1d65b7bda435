-- Grain: one row per account. Key: account_id. Climbs from owner to owner to the head of the group. An account whose
-- owners lead back to itself, or run deeper than twenty, is a typing error: it heads its own group.
with recursive accounts as (
    select
        account_id,
        nullif(parent_account_id, account_id) as parent_account_id
    from {{ ref('int_accounts_unified') }}
),

climbs as (
    select
        account_id,
        account_id as ancestor_id,
        0 as depth
    from accounts

    union all

    select
        climbs.account_id,
        accounts.parent_account_id as ancestor_id,
        climbs.depth + 1 as depth
    from climbs
    inner join accounts
        on climbs.ancestor_id = accounts.account_id
    where
        accounts.parent_account_id is not null
        and accounts.parent_account_id <> climbs.account_id
        and climbs.depth < 20
),

tops as (
    select
        account_id,
        max(depth) as depth,
        max_by(ancestor_id, depth) as ancestor_id
    from climbs
    group by account_id
)

select
    tops.account_id,
    case
        when head.parent_account_id is null then tops.ancestor_id
        else tops.account_id
    end as ultimate_parent_id,
    case
        when head.parent_account_id is null then tops.depth
        else 0
    end as hierarchy_level
from tops
inner join accounts as head
    on tops.ancestor_id = head.account_id
