-- Grain: one row per customer. Key: account_id. Counts of flags are additive over customers; days and ratios are not.
-- As of the last day of data. The work list of who should have ordered by now: is_overdue, most valuable or longest
-- overdue first, with the reason in words. A customer as silent in the same season of all earlier years is not on it.
with order_values as (
    select
        order_days.account_id,
        median(cast(order_days.net_amount as double)) as usual_order_day_amount
    from {{ ref('int_account_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    where order_days.ordered_on > {{ dbt.dateadd('month', -24, 'as_of.as_of_on') }}
    group by order_days.account_id
),

customers as (
    select
        silences.*,
        accounts.owner_rep_id,
        accounts.account_name,
        coalesce(reps.rep_name, 'unknown') as owner_rep_name,
        coalesce(accounts.company_size, 'unknown') as company_size,
        coalesce(accounts.country_code, 'unknown') as country_code,
        order_values.usual_order_day_amount,
        regularity.regularity as segment_regularity,
        coalesce(regularity.customers, 0) as segment_regularity_customers,
        case
            when silences.is_lost then 'lost'
            when silences.is_overdue then 'overdue'
            when silences.is_seasonal_pause then 'seasonal_pause'
            when silences.interval_count = 0 then 'no_rhythm'
            else 'on_time'
        end as cadence_state,
        cast(cast(silences.overdue_ratio as decimal(9, 2)) as varchar) as ratio_text,
        cast(cast(silences.usual_interval_days as decimal(9, 1)) as varchar) as usual_text
    from {{ ref('int_account_silences') }} as silences
    inner join {{ ref('dim_account') }} as accounts
        on silences.account_id = accounts.account_id
    left join {{ ref('dim_sales_rep') }} as reps
        on accounts.owner_rep_id = reps.rep_id
    left join order_values
        on silences.account_id = order_values.account_id
    left join {{ ref('int_segment_regularity') }} as regularity
        on coalesce(accounts.company_size, 'unknown') = regularity.company_size
)

select
    account_id,
    owner_rep_id,
    account_name,
    owner_rep_name,
    company_size,
    country_code,
    cadence_state,
    case
        when cadence_state in ('overdue', 'seasonal_pause')
            then 'No order for ' || cast(days_since_last_order as varchar) || ' days, ' || ratio_text
                || ' times the usual ' || usual_text || ' days; '
                || case
                    when cadence_state = 'seasonal_pause'
                        then 'as in the same season of ' || cast(earlier_years as varchar)
                            || case when earlier_years = 1 then ' earlier year' else ' earlier years' end
                    when earlier_years > 0
                        then 'not so in the same season of ' || cast(earlier_years - paused_years as varchar) || ' of '
                            || cast(earlier_years as varchar)
                            || case when earlier_years = 1 then ' earlier year' else ' earlier years' end
                    else 'no earlier year to compare with'
                end
        when cadence_state = 'lost'
            then 'No order for ' || cast(days_since_last_order as varchar) || ' days; lost since '
                || cast(lost_on as varchar)
    end as reason,
    interval_basis,
    days_since_last_order,
    interval_count,
    earlier_years,
    paused_years,
    cast(segment_regularity_customers as bigint) as segment_regularity_customers,
    cast(usual_order_day_amount as decimal(18, 4)) as usual_order_day_amount,
    usual_interval_days,
    interval_limit_days,
    overdue_ratio,
    segment_regularity,
    is_lost,
    is_seasonal_pause,
    is_overdue,
    last_ordered_on,
    expected_next_order_on,
    lost_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from customers
