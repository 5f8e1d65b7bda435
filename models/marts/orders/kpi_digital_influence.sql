-- Grain: one row per period and offline channel that has orders at all: each month, zero-filled, and all complete
-- months together (period = all). Key: period, order_channel. Additive over months and channels: orders and amounts,
-- not the median; never add all to the months. Clock: order day. Offline orders whose account had researched on the
-- web within digital_influence_days before (int_orders_influenced); sales are before returns. Influenced is not
-- caused. A month is complete when it is over and web sessions are known from digital_influence_days before it on.
with first_session as (
    select min(started_on) as started_on
    from {{ ref('fct_sessions') }}
    where is_valid
),

months as (
    select
        months.month_start,
        months.is_complete
        and coalesce(
            first_session.started_on <= {{ dbt.dateadd('day', -var('digital_influence_days'), 'months.month_start') }},
            false
        ) as is_complete
    from {{ ref('int_months') }} as months
    cross join first_session
),

{{ periods_and_their_months('months') }},

orders as (
    select
        *,
        {{ month_of('ordered_on') }} as month_start
    from {{ ref('int_orders_influenced') }}
),

influenced as (
    select
        period_months.period,
        orders.order_channel,
        count(*) as offline_orders,
        count(*) filter (where orders.is_influenced) as influenced_orders,
        sum(orders.net_amount) as sales_amount,
        sum(orders.net_amount) filter (where orders.is_influenced) as influenced_sales_amount,
        median(cast(orders.days_since_research as double)) as median_days_since_research
    from orders
    inner join period_months
        on orders.month_start = period_months.month_start
    group by period_months.period, orders.order_channel
),

channels as (
    select order_channel
    from orders
    group by order_channel
),

channel_periods as (
    select
        periods.period,
        periods.month_start,
        channels.order_channel,
        coalesce(influenced.offline_orders, 0) as offline_orders,
        coalesce(influenced.influenced_orders, 0) as influenced_orders,
        coalesce(influenced.sales_amount, 0) as sales_amount,
        coalesce(influenced.influenced_sales_amount, 0) as influenced_sales_amount,
        influenced.median_days_since_research,
        periods.is_complete as is_complete_period
    from periods
    cross join channels
    left join influenced
        on
            periods.period = influenced.period
            and channels.order_channel = influenced.order_channel
)

select
    period,
    month_start,
    order_channel,
    offline_orders,
    influenced_orders,
    cast(sales_amount as decimal(18, 4)) as sales_amount,
    cast(influenced_sales_amount as decimal(18, 4)) as influenced_sales_amount,
    {{ ratio('influenced_orders', 'offline_orders') }} as influenced_order_rate,
    {{ wilson_bound('influenced_orders', 'offline_orders', 'low') }} as influenced_order_rate_low,
    {{ wilson_bound('influenced_orders', 'offline_orders', 'high') }} as influenced_order_rate_high,
    {{ ratio('influenced_sales_amount', 'sales_amount') }} as influenced_sales_rate,
    median_days_since_research,
    {{ is_reportable('offline_orders') }} as is_reportable,
    is_complete_period
from channel_periods
