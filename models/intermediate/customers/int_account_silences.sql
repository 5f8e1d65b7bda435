-- Grain: one row per customer with a valid order. Key: account_id. Judges the days since its last order, as of the
-- last day of data. Late is a silence longer than the 90th percentile of the customer's intervals and at least
-- overdue_ratio usual intervals. One order has no rhythm to be late against, and a lost customer is not late but
-- gone. A late customer who was as silent in the same season of all earlier years pauses; the others are overdue.
with last_orders as (
    select
        account_id,
        max(ordered_on) as last_ordered_on
    from {{ ref('int_account_order_days') }}
    group by account_id
),

current_losses as (
    select
        account_id,
        lost_on
    from {{ ref('int_account_losses') }}
    where won_back_on is null
),

silences as (
    select
        last_orders.account_id,
        last_orders.last_ordered_on,
        {{ dbt.datediff('last_orders.last_ordered_on', 'as_of.as_of_on', 'day') }} as days_since_last_order,
        cadence.interval_count,
        cadence.interval_basis,
        cadence.usual_interval_days,
        cadence.interval_limit_days,
        coalesce(pauses.earlier_years, 0) as earlier_years,
        coalesce(pauses.paused_years, 0) as paused_years,
        coalesce(pauses.is_same_every_year, false) as is_same_every_year,
        current_losses.lost_on
    from last_orders
    cross join {{ ref('int_as_of') }} as as_of
    inner join {{ ref('int_account_cadence') }} as cadence
        on last_orders.account_id = cadence.account_id
    left join {{ ref('int_account_seasonal_pauses') }} as pauses
        on last_orders.account_id = pauses.account_id
    left join current_losses
        on last_orders.account_id = current_losses.account_id
),

silences_measured as (
    select
        *,
        {{ ratio('days_since_last_order', 'usual_interval_days') }} as overdue_ratio,
        cast({{ dbt.dateadd('day', 'cast(round(usual_interval_days) as integer)', 'last_ordered_on') }} as date)
            as expected_next_order_on
    from silences
),

silences_judged as (
    select
        *,
        coalesce(
            lost_on is null
            and interval_count > 0
            and days_since_last_order > interval_limit_days
            and overdue_ratio >= {{ var('overdue_ratio') }},
            false
        ) as is_late
    from silences_measured
)

select
    account_id,
    last_ordered_on,
    expected_next_order_on,
    lost_on,
    days_since_last_order,
    interval_count,
    interval_basis,
    usual_interval_days,
    interval_limit_days,
    overdue_ratio,
    earlier_years,
    paused_years,
    lost_on is not null as is_lost,
    is_late and is_same_every_year as is_seasonal_pause,
    is_late and not is_same_every_year as is_overdue
from silences_judged
