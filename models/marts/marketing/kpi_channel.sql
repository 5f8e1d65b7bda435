-- Grain: one row per month and marketing channel, channel all being the total; every month and every channel that
-- occurs at all. Key: month_start, channel. Additive over channels other than all, except ratios. Clocks: spent_on,
-- started_on, ordered_on. Orders, net sales, margin and new customers go to the channel of the model last in
-- kpi_attribution; a new customer to that of its first order. cohort_margin_amount is what the customers won in the
-- month have brought to date. Spend is advertising only, of the month itself (no lag). Ratios of all are blended: all
-- orders and customers, those of no channel included, over all spend.
with months as (
    select * from {{ ref('int_months') }}
),

spend as (
    select
        {{ month_of('spend.spent_on') }} as month_start,
        {{ marketing_channel('campaigns.source', 'coalesce(campaigns.medium, spend.channel)') }} as channel,
        spend.impressions,
        spend.clicks,
        spend.cost_amount
    from {{ ref('fct_ad_spend') }} as spend
    left join {{ ref('dim_campaign') }} as campaigns
        on spend.campaign_id = campaigns.campaign_id
    where spend.is_valid
),

sessions as (
    select
        {{ month_of('started_on') }} as month_start,
        channel
    from {{ ref('int_session_channels') }}
),

last_touches as (
    select
        {{ month_of('ordered_on') }} as month_start,
        channel,
        account_id,
        net_sales_amount,
        costed_sales_amount,
        margin_amount,
        is_first_order
    from {{ ref('kpi_attribution') }}
    where attribution_model = 'last'
),

spend_sums as (
    select
        month_start,
        coalesce(channel, 'all') as channel,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(cost_amount) as spend_amount
    from spend
    group by month_start, rollup(channel)
),

session_sums as (
    select
        month_start,
        coalesce(channel, 'all') as channel,
        count(*) as sessions
    from sessions
    group by month_start, rollup(channel)
),

order_sums as (
    select
        month_start,
        coalesce(channel, 'all') as channel,
        count(*) as attributed_orders,
        count(*) filter (where is_first_order) as new_customers,
        sum(net_sales_amount) as net_sales_amount,
        sum(costed_sales_amount) as costed_sales_amount,
        sum(margin_amount) as margin_amount
    from last_touches
    group by month_start, rollup(channel)
),

new_customers as (
    select
        account_id,
        month_start as cohort_month,
        channel
    from last_touches
    where is_first_order
),

new_customer_orders as (
    select
        new_customers.cohort_month,
        new_customers.channel,
        {{ month_of('order_margins.ordered_on') }} as month_start,
        order_margins.margin_amount
    from new_customers
    inner join {{ ref('int_order_margins') }} as order_margins
        on new_customers.account_id = order_margins.account_id
),

cohort_months as (
    select
        cohort_month,
        coalesce(channel, 'all') as channel,
        month_start,
        sum(margin_amount) as margin_amount
    from new_customer_orders
    group by cohort_month, month_start, rollup(channel)
),

cohort_months_to_date as (
    select
        *,
        sum(margin_amount) over (partition by cohort_month, channel order by month_start) as margin_to_date_amount
    from cohort_months
),

cohorts as (
    select
        margins.cohort_month as month_start,
        margins.channel,
        sum(margins.margin_amount) as cohort_margin_amount,
        -- margin per new customer reaches cost per new customer when margin reaches cost
        min(margins.month_start) filter (
            where spend_sums.spend_amount > 0 and margins.margin_to_date_amount >= spend_sums.spend_amount
        ) as paid_back_month
    from cohort_months_to_date as margins
    left join spend_sums
        on
            margins.cohort_month = spend_sums.month_start
            and margins.channel = spend_sums.channel
    group by margins.cohort_month, margins.channel
),

channels as (
    select channel from spend_sums
    union
    select channel from session_sums
    union
    select channel from order_sums
),

channel_months as (
    select
        months.month_start,
        channels.channel,
        coalesce(spend_sums.impressions, 0) as impressions,
        coalesce(spend_sums.clicks, 0) as clicks,
        coalesce(session_sums.sessions, 0) as sessions,
        coalesce(order_sums.attributed_orders, 0) as attributed_orders,
        coalesce(order_sums.new_customers, 0) as new_customers,
        coalesce(spend_sums.spend_amount, 0) as spend_amount,
        coalesce(order_sums.net_sales_amount, 0) as net_sales_amount,
        coalesce(order_sums.costed_sales_amount, 0) as costed_sales_amount,
        -- no orders, no margin; orders whose cost nobody knows, a margin that nobody knows
        case when order_sums.attributed_orders > 0 then order_sums.margin_amount else 0 end as margin_amount,
        case when order_sums.new_customers > 0 then cohorts.cohort_margin_amount else 0 end as cohort_margin_amount,
        {{ dbt.datediff('cohorts.month_start', 'cohorts.paid_back_month', 'month') }} as payback_months,
        months.is_complete as is_complete_period
    from months
    cross join channels
    left join spend_sums
        on
            months.month_start = spend_sums.month_start
            and channels.channel = spend_sums.channel
    left join session_sums
        on
            months.month_start = session_sums.month_start
            and channels.channel = session_sums.channel
    left join order_sums
        on
            months.month_start = order_sums.month_start
            and channels.channel = order_sums.channel
    left join cohorts
        on
            months.month_start = cohorts.month_start
            and channels.channel = cohorts.channel
)

select
    month_start,
    channel,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    sessions,
    attributed_orders,
    new_customers,
    cast(spend_amount as decimal(18, 4)) as spend_amount,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(costed_sales_amount as decimal(18, 4)) as costed_sales_amount,
    cast(margin_amount as decimal(18, 4)) as margin_amount,
    cast(cohort_margin_amount as decimal(18, 4)) as cohort_margin_amount,
    {{ ratio('spend_amount', 'new_customers') }} as customer_acquisition_cost_amount,
    {{ ratio('cohort_margin_amount', 'new_customers') }} as margin_per_new_customer_amount,
    -- the new customers of both cancel out
    case when new_customers > 0 then {{ ratio('cohort_margin_amount', 'spend_amount') }} end as clv_to_cac,
    payback_months,
    {{ ratio('net_sales_amount', 'spend_amount') }} as roas,
    {{ ratio('margin_amount - spend_amount', 'spend_amount') }} as roi,
    {{ is_reportable('new_customers') }} as is_reportable,
    is_complete_period
from channel_months
