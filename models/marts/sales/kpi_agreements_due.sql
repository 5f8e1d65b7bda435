-- Grain: one row per agreement that needs attention at as_of: a work list. Key: agreement_id. Not additive: the
-- volume of an account stands beside each of its agreements. Clock: as_of. Listed are agreements whose notice date or
-- end is within agreement_due_days, and those that have ended while the account still orders. An agreement of the
-- same account that began later and lasts longer, or for ever, has taken its place, of whatever type: then neither is
-- listed for the other. committed_amount is a year's volume at the rate of as_of.
with agreements as (
    select
        agreements.*,
        as_of.as_of_on,
        {{ currency_or_base('agreements.currency_code') }} as agreement_currency_code,
        cast({{ dbt.dateadd('day', '-coalesce(agreements.renewal_notice_days, 0)', 'agreements.ends_on') }} as date)
            as notice_on
    from {{ ref('agreements') }} as agreements
    cross join {{ ref('int_as_of') }} as as_of
    where agreements.signed_on is null or agreements.signed_on <= as_of.as_of_on
),

renewed as (
    select agreements.agreement_id
    from agreements
    inner join agreements as later_agreements
        on
            agreements.account_id = later_agreements.account_id
            and agreements.starts_on < later_agreements.starts_on
            and (later_agreements.ends_on is null or agreements.ends_on < later_agreements.ends_on)
    group by agreements.agreement_id
),

orders_after as (
    select
        agreements.agreement_id,
        count(*) as orders,
        sum(orders.net_amount) as net_amount
    from agreements
    inner join {{ ref('fct_orders') }} as orders
        on
            agreements.account_id = orders.account_id
            and agreements.ends_on < orders.ordered_on
    where orders.is_valid
    group by agreements.agreement_id
),

agreements_open as (
    select
        agreements.*,
        accounts.account_name,
        accounts.owner_rep_id,
        profiles.net_sales_12m_amount,
        coalesce(orders_after.orders, 0) as orders_since_end,
        coalesce(orders_after.net_amount, 0) as sales_since_end_amount,
        cast({{ product('agreements.committed_amount', 'rates.rate_to_base') }} as decimal(18, 4))
            as committed_base_amount,
        {{ dbt.datediff('agreements.as_of_on', 'agreements.ends_on', 'day') }} as days_to_end,
        {{ dbt.datediff('agreements.as_of_on', 'agreements.notice_on', 'day') }} as days_to_notice
    from agreements
    left join renewed
        on agreements.agreement_id = renewed.agreement_id
    inner join {{ ref('dim_account') }} as accounts
        on agreements.account_id = accounts.account_id
    left join {{ ref('kpi_account_profile') }} as profiles
        on agreements.account_id = profiles.account_id
    left join orders_after
        on agreements.agreement_id = orders_after.agreement_id
    {{ join_exchange_rate('agreements.agreement_currency_code', 'agreements.as_of_on') }}
    where
        renewed.agreement_id is null
        and agreements.ends_on is not null
        and not accounts.is_test
),

agreements_judged as (
    select
        *,
        case
            when days_to_end < 0 then case when orders_since_end > 0 then 'ended, and the account still orders' end
            when days_to_end <= {{ var('agreement_due_days') }} and days_to_notice < 0
                then 'notice date has passed, ends within {{ var("agreement_due_days") }} days'
            when days_to_end <= {{ var('agreement_due_days') }}
                then 'ends within {{ var("agreement_due_days") }} days'
            when days_to_notice between 0 and {{ var('agreement_due_days') }}
                then 'notice date within {{ var("agreement_due_days") }} days'
            when days_to_notice < 0 then 'notice date has passed'
        end as reason
    from agreements_open
)

select
    agreement_id,
    account_id,
    account_name,
    coalesce(rep_id, owner_rep_id, 'unknown') as rep_id,
    coalesce(agreement_type, 'unknown') as agreement_type,
    committed_base_amount as committed_amount,
    cast(net_sales_12m_amount as decimal(18, 4)) as net_sales_12m_amount,
    {{ ratio('net_sales_12m_amount', 'committed_base_amount') }} as commitment_rate,
    orders_since_end,
    cast(sales_since_end_amount as decimal(18, 4)) as sales_since_end_amount,
    cast(days_to_end as double) as days_to_end,
    cast(days_to_notice as double) as days_to_notice,
    days_to_end < 0 as is_lapsed,
    reason,
    starts_on,
    ends_on,
    notice_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from agreements_judged
where reason is not null
