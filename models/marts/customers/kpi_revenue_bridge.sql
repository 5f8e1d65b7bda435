-- Grain: one row per calendar month and comparison. Key: month_start, comparison. Amounts are additive over months of
-- the comparison 'month' only; rates are not. Comparison 'month' sets a month against the one before, '12_months' the
-- 12 months that end with it against the 12 before them. Clock: orders when placed, returns when credited. Every
-- account is in one part, so that current - previous = new + reactivated + expansion - contraction - lost, to the
-- last digit. An account with nothing left in the current period (net zero or less) is lost, whatever else it did,
-- unless it returned even more before: all parts are zero or more. Rates are empty in a comparison that is not
-- complete.
with months as (
    select * from {{ ref('int_months') }}
),

account_months as (
    select
        account_id,
        {{ month_of('active_on') }} as month_start,
        sum(orders) as orders,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('int_account_daily_sales') }}
    group by account_id, {{ month_of('active_on') }}
),

first_orders as (
    select
        account_id,
        {{ month_of('ordered_on') }} as first_month
    from {{ ref('int_account_order_days') }}
    where order_day_number = 1
),

comparisons as (
    {% for comparison, length in [('month', 1), ('12_months', 12)] -%}
    select
        month_start,
        '{{ comparison }}' as comparison,
        {{ 2 * length }} as months_needed,
        cast({{ dbt.dateadd('month', 1 - length, 'month_start') }} as date) as current_from,
        cast({{ dbt.dateadd('month', 1 - 2 * length, 'month_start') }} as date) as previous_from
    from months
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

comparisons_covered as (
    select
        comparisons.month_start,
        comparisons.comparison,
        comparisons.current_from,
        comparisons.previous_from,
        count(*) filter (where months.is_complete) = comparisons.months_needed as is_complete_period
    from comparisons
    inner join months
        on
            comparisons.previous_from <= months.month_start
            and comparisons.month_start >= months.month_start
    group by
        comparisons.month_start, comparisons.comparison, comparisons.current_from, comparisons.previous_from,
        comparisons.months_needed
),

account_comparisons as (
    select
        comparisons.month_start,
        comparisons.comparison,
        account_months.account_id,
        coalesce(first_orders.first_month >= comparisons.current_from, false) as is_first_order_in_current,
        coalesce(sum(account_months.orders) filter (
            where account_months.month_start >= comparisons.current_from
        ), 0) > 0 as has_current_orders,
        coalesce(sum(account_months.orders) filter (
            where account_months.month_start < comparisons.current_from
        ), 0) > 0 as has_previous_orders,
        coalesce(sum(account_months.net_sales_amount) filter (
            where account_months.month_start >= comparisons.current_from
        ), 0) as current_amount,
        coalesce(sum(account_months.net_sales_amount) filter (
            where account_months.month_start < comparisons.current_from
        ), 0) as previous_amount
    from comparisons_covered as comparisons
    inner join account_months
        on
            comparisons.previous_from <= account_months.month_start
            and comparisons.month_start >= account_months.month_start
    left join first_orders
        on account_months.account_id = first_orders.account_id
    group by
        comparisons.month_start, comparisons.comparison, account_months.account_id, first_orders.first_month,
        comparisons.current_from
),

account_parts as (
    select
        *,
        current_amount - previous_amount as change_amount,
        case
            when current_amount <= 0 and current_amount <= previous_amount then 'lost'
            when current_amount > 0 and has_current_orders and is_first_order_in_current then 'new'
            when current_amount > 0 and has_current_orders and not has_previous_orders then 'reactivated'
            when current_amount >= previous_amount then 'expansion'
            else 'contraction'
        end as part,
        greatest(current_amount, 0) as kept_amount,
        least(greatest(current_amount, 0), previous_amount) as kept_of_previous_amount
    from account_comparisons
),

parts as (
    select
        month_start,
        comparison,
        sum(current_amount) as current_amount,
        sum(previous_amount) as previous_amount,
        {% for part in ['new', 'reactivated', 'expansion', 'contraction', 'lost'] -%}
        coalesce(sum({{ '-' if part in ('contraction', 'lost') }}change_amount) filter (where part = '{{ part }}'), 0)
            as {{ part }}_amount,
        count(*) filter (where part = '{{ part }}' and change_amount <> 0) as {{ part }}_accounts,
        {% endfor -%}
        count(*) filter (where previous_amount > 0) as base_accounts,
        coalesce(sum(previous_amount) filter (where previous_amount > 0), 0) as base_amount,
        coalesce(sum(kept_amount) filter (where previous_amount > 0), 0) as net_retained_amount,
        coalesce(sum(kept_of_previous_amount) filter (where previous_amount > 0), 0) as gross_retained_amount
    from account_parts
    group by month_start, comparison
),

bridges as (
    select
        comparisons.month_start,
        comparisons.comparison,
        {% for part in ['new', 'reactivated', 'expansion', 'contraction', 'lost'] -%}
        coalesce(parts.{{ part }}_accounts, 0) as {{ part }}_accounts,
        cast(coalesce(parts.{{ part }}_amount, 0) as decimal(18, 4)) as {{ part }}_amount,
        {% endfor -%}
        {% for amount in ['current', 'previous', 'base', 'net_retained', 'gross_retained'] -%}
        cast(coalesce(parts.{{ amount }}_amount, 0) as decimal(18, 4)) as {{ amount }}_amount,
        {% endfor -%}
        coalesce(parts.base_accounts, 0) as base_accounts,
        comparisons.is_complete_period
    from comparisons_covered as comparisons
    left join parts
        on
            comparisons.month_start = parts.month_start
            and comparisons.comparison = parts.comparison
)

select
    month_start,
    comparison,
    new_accounts,
    reactivated_accounts,
    expansion_accounts,
    contraction_accounts,
    lost_accounts,
    base_accounts,
    previous_amount,
    new_amount,
    reactivated_amount,
    expansion_amount,
    contraction_amount,
    lost_amount,
    current_amount,
    base_amount,
    net_retained_amount,
    gross_retained_amount,
    case
        when is_complete_period and previous_amount > 0
            then {{ ratio('current_amount - previous_amount', 'previous_amount') }}
    end as growth_rate,
    -- customers do not order every month, so that month over month these say nothing
    case
        when is_complete_period and comparison = '12_months' then {{ ratio('net_retained_amount', 'base_amount') }}
    end as nrr_rate,
    case
        when is_complete_period and comparison = '12_months' then {{ ratio('gross_retained_amount', 'base_amount') }}
    end as grr_rate,
    case
        when is_complete_period
            then {{ ratio(
                'new_amount + reactivated_amount + expansion_amount', 'contraction_amount + lost_amount'
            ) }}
    end as quick_ratio,
    contraction_amount + lost_amount = 0
    and new_amount + reactivated_amount + expansion_amount > 0 as is_lossless,
    {{ is_reportable('base_accounts') }} as is_reportable,
    is_complete_period
from bridges
