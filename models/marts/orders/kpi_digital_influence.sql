-- Grain: one row per month and offline channel that has orders at all, zero-filled. Key: month_start, order_channel.
-- Additive: orders and amounts; not the median. Clock: order day. Offline orders whose account had researched on the
-- web within digital_influence_days before (int_orders_influenced); sales are before returns. Influenced is not
-- caused. A month is complete when it is over and web sessions are known from digital_influence_days before it on.
with influenced as (
    select
        {{ month_of('ordered_on') }} as month_start,
        order_channel,
        count(*) as offline_orders,
        count(*) filter (where is_influenced) as influenced_orders,
        sum(net_amount) as sales_amount,
        sum(net_amount) filter (where is_influenced) as influenced_sales_amount,
        median(cast(days_since_research as double)) as median_days_since_research
    from {{ ref('int_orders_influenced') }}
    group by {{ month_of('ordered_on') }}, order_channel
),

channels as (
    select order_channel
    from influenced
    group by order_channel
),

first_session as (
    select min(started_on) as started_on
    from {{ ref('fct_sessions') }}
    where is_valid
),

channel_months as (
    select
        months.month_start,
        channels.order_channel,
        coalesce(influenced.offline_orders, 0) as offline_orders,
        coalesce(influenced.influenced_orders, 0) as influenced_orders,
        coalesce(influenced.sales_amount, 0) as sales_amount,
        coalesce(influenced.influenced_sales_amount, 0) as influenced_sales_amount,
        influenced.median_days_since_research,
        months.is_complete
        and coalesce(
            first_session.started_on <= {{ dbt.dateadd('day', -var('digital_influence_days'), 'months.month_start') }},
            false
        ) as is_complete_period
    from {{ ref('int_months') }} as months
    cross join channels
    cross join first_session
    left join influenced
        on
            months.month_start = influenced.month_start
            and channels.order_channel = influenced.order_channel
)

select
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
from channel_months
