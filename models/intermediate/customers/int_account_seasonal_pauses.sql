-- Grain: one row per customer whose history reaches back to the season of its present silence in an earlier year.
-- Key: account_id. A customer that does not order is excused when it was silent at least as long in the same season
-- of every earlier year of its history: the silence then began no later, and ended no earlier, than the present one
-- moved back by whole years, give or take seasonal_tolerance_days. A year belongs to the history when the customer
-- had ordered by the time its silence of that year would have begun. A silence in which the customer was lost is no
-- pause.
with silences as (
    select
        order_days.account_id,
        as_of.as_of_on,
        min(order_days.ordered_on) as first_ordered_on,
        max(order_days.ordered_on) as last_ordered_on
    from {{ ref('int_account_order_days') }} as order_days
    cross join {{ ref('int_as_of') }} as as_of
    group by order_days.account_id, as_of.as_of_on
),

silences_moved_back as (
    select
        silences.account_id,
        silences.first_ordered_on,
        numbers.years_less_one + 1 as years_before,
        {{ dbt.datediff('silences.last_ordered_on', 'silences.as_of_on', 'day') }} as silent_days,
        {{ dbt.dateadd('year', '-(numbers.years_less_one + 1)', 'silences.last_ordered_on') }} as silent_from,
        {{ dbt.dateadd('year', '-(numbers.years_less_one + 1)', 'silences.as_of_on') }} as silent_until
    from silences
    inner join range(50) as numbers (years_less_one)
        -- rough, so that few years are tried; the limit to the day follows
        on
            numbers.years_less_one
            <= extract(year from silences.last_ordered_on) - extract(year from silences.first_ordered_on)
),

seasons as (
    select
        account_id,
        years_before,
        silent_days,
        cast({{ dbt.dateadd('day', var('seasonal_tolerance_days'), 'silent_from') }} as date) as began_by,
        cast({{ dbt.dateadd('day', -var('seasonal_tolerance_days'), 'silent_until') }} as date) as lasted_until
    from silences_moved_back
    where first_ordered_on <= {{ dbt.dateadd('day', var('seasonal_tolerance_days'), 'silent_from') }}
),

pauses as (
    select
        order_days.account_id,
        order_days.ordered_on,
        order_days.next_ordered_on,
        {{ dbt.datediff('order_days.ordered_on', 'order_days.next_ordered_on', 'day') }} as paused_days
    from {{ ref('int_account_order_days') }} as order_days
    left join {{ ref('int_account_losses') }} as losses
        on
            order_days.account_id = losses.account_id
            and order_days.ordered_on = losses.last_ordered_on
    where
        order_days.next_ordered_on is not null
        and losses.account_id is null
),

seasons_paused as (
    select
        seasons.account_id,
        seasons.years_before,
        count(pauses.account_id) > 0 as is_paused
    from seasons
    left join pauses
        on
            seasons.account_id = pauses.account_id
            and seasons.silent_days <= pauses.paused_days
            and seasons.began_by >= pauses.ordered_on
            and seasons.lasted_until <= pauses.next_ordered_on
    group by seasons.account_id, seasons.years_before
)

select
    account_id,
    count(*) as earlier_years,
    count(*) filter (where is_paused) as paused_years,
    count(*) filter (where is_paused) = count(*) as is_same_every_year
from seasons_paused
group by account_id
