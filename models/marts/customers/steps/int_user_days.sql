-- Grain: one row per person, company and local day on which the person used the shop for it. Key: account_id,
-- contact_id, active_on. Use is a session that counts and belongs to the person, or a valid web order by that person;
-- an order nobody named the channel of came over the web if the tracker saw it.
with uses as (
    select
        account_id,
        contact_id,
        started_on as active_on,
        1 as sessions,
        0 as web_orders
    from {{ ref('fct_sessions') }}
    where is_valid and account_id is not null and contact_id is not null

    union all

    select
        account_id,
        contact_id,
        ordered_on as active_on,
        0 as sessions,
        1 as web_orders
    from {{ ref('fct_orders') }}
    where
        is_valid
        and account_id is not null
        and contact_id is not null
        and (order_channel in ('{{ var("web_order_channels") | join("', '") }}') or session_id is not null)
)

select
    account_id,
    contact_id,
    active_on,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(web_orders) as bigint) as web_orders
from uses
group by account_id, contact_id, active_on
