-- Grain: one row per calendar month and level (account, ultimate_parent). Key: month_start, level. Not additive.
-- Clock: net sales of the 12 calendar months that end with the month, orders when placed, returns when credited. Only
-- buyers with net sales above zero count: shares of the others would be negative. Groups are those of today. A window
-- that is not complete is shown, for a share needs no full year, and is flagged.
with months as (
    select * from {{ ref('int_months') }}
),

account_months as (
    select
        account_id,
        {{ month_of('active_on') }} as month_start,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('int_account_daily_sales') }}
    group by account_id, {{ month_of('active_on') }}
),

account_windows as (
    select
        months.month_start,
        account_months.account_id,
        sum(account_months.net_sales_amount) as net_sales_amount
    from months
    inner join account_months
        on
            months.month_start >= account_months.month_start
            and {{ dbt.dateadd('month', -12, 'months.month_start') }} < account_months.month_start
    group by months.month_start, account_months.account_id
),

buyers as (
    select
        month_start,
        'account' as level,
        account_id as buyer_id,
        net_sales_amount
    from account_windows

    union all

    select
        windows.month_start,
        'ultimate_parent' as level,
        accounts.ultimate_parent_id as buyer_id,
        sum(windows.net_sales_amount) as net_sales_amount
    from account_windows as windows
    inner join {{ ref('dim_account') }} as accounts
        on windows.account_id = accounts.account_id
    group by windows.month_start, accounts.ultimate_parent_id
),

shares as (
    select
        month_start,
        level,
        net_sales_amount,
        {{ ratio('net_sales_amount', 'sum(net_sales_amount) over (partition by month_start, level)') }} as share,
        row_number() over (partition by month_start, level order by net_sales_amount desc, buyer_id asc) as buyer_rank,
        count(*) over (partition by month_start, level) as buyers
    from buyers
    where net_sales_amount > 0
),

concentrations as (
    select
        month_start,
        level,
        count(*) as buyers,
        -- a fifth of them, rounded up
        count(*) filter (where buyer_rank <= floor((buyers + 4) / 5)) as top_20_percent_buyers,
        sum(net_sales_amount) as net_sales_amount,
        sum(net_sales_amount) filter (where buyer_rank <= floor((buyers + 4) / 5)) as top_20_percent_amount,
        max(net_sales_amount) as largest_amount,
        10000 * {{ stable_sum('share * share') }} as hhi
    from shares
    group by month_start, level
),

levels as (
    select 'account' as level
    union all
    select 'ultimate_parent' as level
),

cells as (
    select
        months.month_start,
        levels.level,
        sum(cast(months.is_complete as integer)) over (
            partition by levels.level
            order by months.month_start
            rows between 11 preceding and current row
        ) = 12 as is_complete_period
    from months
    cross join levels
)

select
    cells.month_start,
    cells.level,
    coalesce(concentrations.buyers, 0) as buyers,
    coalesce(concentrations.top_20_percent_buyers, 0) as top_20_percent_buyers,
    cast(coalesce(concentrations.net_sales_amount, 0) as decimal(18, 4)) as net_sales_amount,
    cast(coalesce(concentrations.top_20_percent_amount, 0) as decimal(18, 4)) as top_20_percent_amount,
    cast(coalesce(concentrations.largest_amount, 0) as decimal(18, 4)) as largest_amount,
    {{ ratio('concentrations.top_20_percent_amount', 'concentrations.net_sales_amount') }} as top_20_percent_rate,
    {{ ratio('concentrations.largest_amount', 'concentrations.net_sales_amount') }} as largest_rate,
    concentrations.hhi,
    {{ is_reportable('concentrations.buyers') }} as is_reportable,
    cells.is_complete_period
from cells
left join concentrations
    on
        cells.month_start = concentrations.month_start
        and cells.level = concentrations.level
