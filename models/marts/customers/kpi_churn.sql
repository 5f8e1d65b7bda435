-- Grain: one row per calendar month. Key: month_start. Flows (new, lost, reactivated, orders) are additive over
-- months; stocks, customers counted once in a window, and rates are not. Clock: lost on the day the silence got too
-- long (churn rule), reactivated on the day of the next order, new on the day of the first order. Columns ending in
-- _to_date count since the data begin, those ending in _12m over the 12 calendar months that end with the month.
with months as (
    select * from {{ ref('int_months') }}
),

order_days as (
    select * from {{ ref('int_account_order_days') }}
),

account_months as (
    select
        account_id,
        {{ month_of('ordered_on') }} as month_start,
        count(*) as order_days,
        sum(orders) as orders,
        bool_or(order_day_number = 1) as is_new,
        bool_or(order_day_number > 1) as is_repeat
    from order_days
    group by account_id, {{ month_of('ordered_on') }}
),

orders_by_month as (
    select
        month_start,
        count(*) as ordering_customers,
        count(*) filter (where is_new) as new_customers,
        count(*) filter (where is_repeat) as repeat_customers,
        sum(orders) as orders,
        sum(order_days) as order_days
    from account_months
    group by month_start
),

-- The day a customer came back for the first time: by days, or by orders, of which a first day may have two.
second_orders as (
    select
        account_id,
        min(ordered_on) filter (where order_day_number = 2) as second_day_on,
        min(ordered_on) filter (where order_day_number = 2 or orders > 1) as second_order_on
    from order_days
    where order_day_number <= 2
    group by account_id
),

second_days_by_month as (
    select
        {{ month_of('second_day_on') }} as month_start,
        count(*) as customers
    from second_orders
    where second_day_on is not null
    group by {{ month_of('second_day_on') }}
),

second_orders_by_month as (
    select
        {{ month_of('second_order_on') }} as month_start,
        count(*) as customers
    from second_orders
    where second_order_on is not null
    group by {{ month_of('second_order_on') }}
),

losses_by_month as (
    select
        {{ month_of('lost_on') }} as month_start,
        count(*) as customers
    from {{ ref('int_account_losses') }}
    group by {{ month_of('lost_on') }}
),

reactivations_by_month as (
    select
        {{ month_of('won_back_on') }} as month_start,
        count(*) as customers
    from {{ ref('int_account_losses') }}
    where won_back_on is not null
    group by {{ month_of('won_back_on') }}
),

account_windows as (
    select
        months.month_start,
        account_months.account_id,
        sum(account_months.order_days) as order_days,
        sum(account_months.orders) as orders
    from months
    inner join account_months
        on
            months.month_start >= account_months.month_start
            and {{ dbt.dateadd('month', -12, 'months.month_start') }} < account_months.month_start
    group by months.month_start, account_months.account_id
),

windows as (
    select
        month_start,
        count(*) as ordering_customers,
        count(*) filter (where order_days > 1) as repeat_customers,
        count(*) filter (where orders > 1) as repeat_customers_by_orders,
        sum(orders) as orders,
        sum(order_days) as order_days
    from account_windows
    group by month_start
),

flows as (
    select
        months.month_start,
        months.is_complete as is_complete_period,
        coalesce(ordered.ordering_customers, 0) as ordering_customers,
        coalesce(ordered.new_customers, 0) as new_customers,
        coalesce(ordered.repeat_customers, 0) as repeat_customers,
        coalesce(ordered.orders, 0) as orders,
        coalesce(second_days.customers, 0) as second_day_customers,
        coalesce(second_orders.customers, 0) as second_order_customers,
        coalesce(losses.customers, 0) as customers_lost,
        coalesce(reactivations.customers, 0) as customers_reactivated,
        coalesce(windows.ordering_customers, 0) as ordering_customers_12m,
        coalesce(windows.repeat_customers, 0) as repeat_customers_12m,
        coalesce(windows.repeat_customers_by_orders, 0) as repeat_customers_by_orders_12m,
        coalesce(windows.orders, 0) as orders_12m,
        coalesce(windows.order_days, 0) as order_days_12m,
        sum(cast(months.is_complete as integer)) over (
            order by months.month_start rows between 11 preceding and current row
        ) = 12 as is_complete_12m
    from months
    left join orders_by_month as ordered on months.month_start = ordered.month_start
    left join second_days_by_month as second_days on months.month_start = second_days.month_start
    left join second_orders_by_month as second_orders on months.month_start = second_orders.month_start
    left join losses_by_month as losses on months.month_start = losses.month_start
    left join reactivations_by_month as reactivations on months.month_start = reactivations.month_start
    left join windows on months.month_start = windows.month_start
),

stocks as (
    select
        *,
        {% set running = 'over (order by month_start rows between unbounded preceding and current row)' -%}
        sum(new_customers + customers_reactivated - customers_lost) {{ running }} as customers_at_end,
        sum(new_customers) {{ running }} as customers_to_date,
        sum(second_day_customers) {{ running }} as repeat_customers_to_date,
        sum(second_order_customers) {{ running }} as repeat_customers_by_orders_to_date,
        sum(orders) {{ running }} as orders_to_date
    from flows
),

counts as (
    select
        month_start,
        {% for count in [
            'new_customers', 'customers_reactivated', 'customers_lost', 'customers_at_end', 'ordering_customers',
            'repeat_customers', 'orders', 'customers_to_date', 'repeat_customers_to_date',
            'repeat_customers_by_orders_to_date', 'orders_to_date', 'ordering_customers_12m', 'repeat_customers_12m',
            'repeat_customers_by_orders_12m', 'orders_12m', 'order_days_12m'
        ] -%}
        cast({{ count }} as bigint) as {{ count }},
        {% endfor -%}
        cast(customers_at_end - new_customers - customers_reactivated + customers_lost as bigint) as customers_at_start,
        is_complete_12m,
        is_complete_period
    from stocks
)

select
    month_start,
    customers_at_start,
    new_customers,
    customers_reactivated,
    customers_lost,
    customers_at_end,
    ordering_customers,
    repeat_customers,
    orders,
    customers_to_date,
    repeat_customers_to_date,
    repeat_customers_by_orders_to_date,
    orders_to_date,
    ordering_customers_12m,
    repeat_customers_12m,
    repeat_customers_by_orders_12m,
    orders_12m,
    order_days_12m,
    case when is_complete_period then {{ ratio('customers_lost', 'customers_at_start') }} end as churn_rate,
    {{ wilson_bounds('customers_lost', 'customers_at_start', 'churn_rate', when='is_complete_period') }},
    {{ ratio('repeat_customers_to_date', 'customers_to_date') }} as repeat_to_date_rate,
    {{ wilson_bounds('repeat_customers_to_date', 'customers_to_date', 'repeat_to_date_rate') }},
    {{ ratio('repeat_customers_by_orders_to_date', 'customers_to_date') }} as repeat_by_orders_to_date_rate,
    {{ wilson_bounds('repeat_customers_by_orders_to_date', 'customers_to_date', 'repeat_by_orders_to_date_rate') }},
    {{ is_reportable('customers_to_date') }} as is_repeat_to_date_rate_reportable,
    {{ ratio('orders_to_date', 'customers_to_date') }} as orders_per_customer_to_date,
    case when is_complete_12m then {{ ratio('repeat_customers_12m', 'ordering_customers_12m') }} end as repeat_12m_rate,
    {{ wilson_bounds('repeat_customers_12m', 'ordering_customers_12m', 'repeat_12m_rate', when='is_complete_12m') }},
    case when is_complete_12m then {{ ratio('repeat_customers_by_orders_12m', 'ordering_customers_12m') }} end
        as repeat_by_orders_12m_rate,
    {{ wilson_bounds(
        'repeat_customers_by_orders_12m', 'ordering_customers_12m', 'repeat_by_orders_12m_rate', when='is_complete_12m'
    ) }},
    {{ is_reportable('ordering_customers_12m') }} as is_repeat_12m_rate_reportable,
    case when is_complete_12m then {{ ratio('orders_12m', 'ordering_customers_12m') }} end as orders_per_customer_12m,
    case when is_complete_12m then {{ ratio('order_days_12m', 'ordering_customers_12m') }} end
        as order_days_per_customer_12m,
    {{ is_reportable('customers_at_start') }} as is_reportable,
    is_complete_12m,
    is_complete_period
from counts
