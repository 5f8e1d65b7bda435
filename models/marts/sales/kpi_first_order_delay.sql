-- Grain: one row per customer, testers left out. Key: account_id. Clock: first_ordered_on. Days from the first touch
-- that is known of the account (any of fct_touchpoints; anonymous visits count once somebody has logged in) to its
-- first valid order. A customer who ordered before any touch was seen has no delay. Who ordered within
-- buying_group_days of the first day of data may have been in touch before it began: is_observed is false, and
-- medians should leave it out.
with first_touches as (
    select
        account_id,
        min(touched_on) as first_touched_on,
        min_by(touch_type, {{ position_in_time('touched_at', 'touchpoint_id') }}) as first_touch_type
    from {{ ref('fct_touchpoints') }}
    where account_id is not null
    group by account_id
),

customers as (
    select
        accounts.account_id,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        coalesce(account_periods.owner_rep_id, 'unknown') as owner_rep_id,
        coalesce(accounts.acquisition_source, 'unknown') as acquisition_source,
        accounts.first_ordered_on,
        first_touches.first_touched_on,
        first_touches.first_touch_type,
        {{ dbt.datediff('first_touches.first_touched_on', 'accounts.first_ordered_on', 'day') }} as delay_days,
        {{ dbt.dateadd('day', var('buying_group_days'), 'as_of.data_starts_on') }} as observed_from
    from {{ ref('dim_account') }} as accounts
    cross join {{ ref('int_as_of') }} as as_of
    left join first_touches
        on accounts.account_id = first_touches.account_id
    left join {{ ref('dim_account_history') }} as account_periods
        on
            accounts.account_id = account_periods.account_id
            and accounts.first_ordered_on >= account_periods.valid_from
            and accounts.first_ordered_on < account_periods.valid_until
    where accounts.is_customer and not accounts.is_test
)

select
    account_id,
    company_size,
    owner_rep_id,
    acquisition_source,
    first_touch_type,
    case when delay_days >= 0 then cast(delay_days as double) end as first_contact_to_order_days,
    coalesce(delay_days >= 0, false) as has_contact_before_order,
    first_ordered_on >= observed_from as is_observed,
    first_touched_on,
    first_ordered_on
from customers
