-- Grain: one row per day of int_pipeline_days and rep who ever had a deal, a quota or sales. Key: snapshot_on,
-- rep_id. All columns add up over reps, none over days: the numerators and denominators of kpi_pipeline_health. The
-- twelve months end with the day; sales and quota are those of the quarter ahead, up to the day and whole.
with days as (
    select * from {{ ref('int_pipeline_days') }}
),

owned_sales as (
    select * from {{ ref('int_rep_sales') }}
    where role = 'owned'
),

quotas as (
    select * from {{ ref('int_rep_quotas_monthly') }}
),

decided_deals as (
    select
        coalesce(rep_id, 'unknown') as rep_id,
        closed_on,
        outcome,
        amount,
        {{ dbt.datediff('created_on', 'closed_on', 'day') }} as cycle_days
    from {{ ref('fct_opportunities') }}
    where is_valid and closed_on is not null
),

reps as (
    select rep_id from owned_sales
    union
    select rep_id from quotas
    union
    select coalesce(rep_id, 'unknown') as rep_id from {{ ref('fct_opportunities') }}
    where is_valid
),

open_deals as (
    select
        snapshot_on,
        rep_id,
        count(*) as open_deals,
        count(*) filter (where is_stale) as stale_deals,
        count(*) filter (where is_overdue) as overdue_deals,
        count(*) filter (where is_due_in_quarter) as due_deals,
        count(win_rate) as weighted_deals,
        sum(amount) as open_amount,
        sum(weighted_amount) as weighted_amount,
        sum(amount) filter (where is_due_in_quarter) as due_amount
    from {{ ref('int_pipeline_deals') }}
    group by snapshot_on, rep_id
),

decided_12m as (
    select
        days.snapshot_on,
        deals.rep_id,
        count(*) as decided_deals_12m,
        count(*) filter (where deals.outcome = 'won') as won_deals_12m,
        sum(deals.amount) filter (where deals.outcome = 'won') as won_12m_amount,
        sum(deals.cycle_days) filter (where deals.outcome = 'won') as won_cycle_12m_days
    from days
    inner join decided_deals as deals
        on
            days.snapshot_on >= deals.closed_on
            and days.year_before_on < deals.closed_on
    group by days.snapshot_on, deals.rep_id
),

sales_in_quarter as (
    select
        days.snapshot_on,
        sales.rep_id,
        sum(sales.sales_amount - sales.returns_amount) as closed_amount
    from days
    inner join owned_sales as sales
        on
            days.quarter_start <= sales.sold_on
            and days.snapshot_on >= sales.sold_on
    group by days.snapshot_on, sales.rep_id
),

quota_of_quarter as (
    select
        days.snapshot_on,
        quotas.rep_id,
        sum(quotas.quota_amount) as quota_amount
    from days
    inner join quotas
        on
            days.quarter_start <= quotas.quota_month
            and days.next_quarter_start > quotas.quota_month
    group by days.snapshot_on, quotas.rep_id
)

select
    days.snapshot_on,
    days.month_start,
    days.quarter_start,
    days.is_as_of,
    reps.rep_id,
    coalesce(open_deals.open_deals, 0) as open_deals,
    coalesce(open_deals.stale_deals, 0) as stale_deals,
    coalesce(open_deals.overdue_deals, 0) as overdue_deals,
    coalesce(open_deals.due_deals, 0) as due_deals,
    coalesce(open_deals.open_amount, 0) as open_amount,
    coalesce(open_deals.weighted_deals, 0) as weighted_deals,
    coalesce(open_deals.weighted_amount, 0) as weighted_amount,
    coalesce(open_deals.due_amount, 0) as due_amount,
    coalesce(decided_12m.decided_deals_12m, 0) as decided_deals_12m,
    coalesce(decided_12m.won_deals_12m, 0) as won_deals_12m,
    coalesce(decided_12m.won_12m_amount, 0) as won_12m_amount,
    coalesce(decided_12m.won_cycle_12m_days, 0) as won_cycle_12m_days,
    quota_of_quarter.quota_amount,
    coalesce(sales_in_quarter.closed_amount, 0) as closed_amount
from days
cross join reps
left join open_deals
    on
        days.snapshot_on = open_deals.snapshot_on
        and reps.rep_id = open_deals.rep_id
left join decided_12m
    on
        days.snapshot_on = decided_12m.snapshot_on
        and reps.rep_id = decided_12m.rep_id
left join sales_in_quarter
    on
        days.snapshot_on = sales_in_quarter.snapshot_on
        and reps.rep_id = sales_in_quarter.rep_id
left join quota_of_quarter
    on
        days.snapshot_on = quota_of_quarter.snapshot_on
        and reps.rep_id = quota_of_quarter.rep_id
