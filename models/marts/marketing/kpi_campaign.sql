-- Grain: one row per month and campaign, for all months from the first to the last in which it runs or anything
-- happens; campaign_id none is what no campaign brought. Key: month_start, campaign_id. Additive, except ratios,
-- budget and spend to date. Clocks: spent_on, started_on of sessions, created_on of leads, ordered_on of orders.
-- Orders, net sales and margin are those of the model last in kpi_attribution. Months before the first order or web
-- event are not in int_months, and their spend not here.
with months as (
    select * from {{ ref('int_months') }}
),

spend as (
    select
        {{ month_of('spent_on') }} as month_start,
        campaign_id,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(reported_conversions) as reported_conversions,
        sum(cost_amount) as spend_amount
    from {{ ref('fct_ad_spend') }}
    where is_valid
    group by {{ month_of('spent_on') }}, campaign_id
),

sessions as (
    select
        {{ month_of('started_on') }} as month_start,
        coalesce(campaign_id, 'none') as campaign_id,
        count(*) as sessions
    from {{ ref('int_session_channels') }}
    group by {{ month_of('started_on') }}, coalesce(campaign_id, 'none')
),

leads as (
    select
        {{ month_of('created_on') }} as month_start,
        coalesce(campaign_id, 'none') as campaign_id,
        count(*) as leads,
        count(*) filter (where not is_existing_customer) as new_company_leads,
        count(*) filter (where is_converted and not is_existing_customer) as converted_leads
    from {{ ref('fct_leads') }}
    where is_valid
    group by {{ month_of('created_on') }}, coalesce(campaign_id, 'none')
),

attributed as (
    select
        {{ month_of('ordered_on') }} as month_start,
        campaign_id,
        count(*) as attributed_orders,
        sum(net_sales_amount) as net_sales_amount,
        sum(costed_sales_amount) as costed_sales_amount,
        sum(margin_amount) as margin_amount
    from {{ ref('kpi_attribution') }}
    where attribution_model = 'last'
    group by {{ month_of('ordered_on') }}, campaign_id
),

campaigns as (
    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        {{ marketing_channel('campaigns.source', "coalesce(campaigns.medium, campaigns.channel, 'unknown')") }}
            as channel,
        campaigns.objective,
        campaigns.starts_on,
        campaigns.ends_on,
        cast({{ product('campaigns.budget_amount_txn', 'rates.rate_to_base') }} as decimal(18, 4)) as budget_amount
    from {{ ref('dim_campaign') }} as campaigns
    cross join {{ ref('int_as_of') }} as as_of
    {{ join_exchange_rate('campaigns.currency_code', 'least(campaigns.starts_on, as_of.as_of_on)') }}

    union all

    select
        'none' as campaign_id,
        'No campaign' as campaign_name,
        'none' as channel,
        cast(null as varchar) as objective,
        cast(null as date) as starts_on,
        cast(null as date) as ends_on,
        cast(null as decimal(18, 4)) as budget_amount
),

active_months as (
    select
        month_start,
        campaign_id
    from spend
    union all
    select
        month_start,
        campaign_id
    from sessions
    union all
    select
        month_start,
        campaign_id
    from leads
    union all
    select
        month_start,
        campaign_id
    from attributed
    union all
    select
        {{ month_of('starts_on') }} as month_start,
        campaign_id
    from campaigns
    where starts_on is not null
    union all
    select
        {{ month_of('coalesce(campaigns.ends_on, as_of.as_of_on)') }} as month_start,
        campaigns.campaign_id
    from campaigns
    cross join {{ ref('int_as_of') }} as as_of
    where campaigns.starts_on is not null
),

campaign_spans as (
    select
        campaign_id,
        min(month_start) as first_month,
        max(month_start) as last_month
    from active_months
    group by campaign_id
),

campaign_months as (
    select
        months.month_start,
        campaigns.*,
        coalesce(spend.impressions, 0) as impressions,
        coalesce(spend.clicks, 0) as clicks,
        coalesce(spend.reported_conversions, 0) as reported_conversions,
        coalesce(spend.spend_amount, 0) as spend_amount,
        coalesce(sessions.sessions, 0) as sessions,
        coalesce(leads.leads, 0) as leads,
        coalesce(leads.new_company_leads, 0) as new_company_leads,
        coalesce(leads.converted_leads, 0) as converted_leads,
        coalesce(attributed.attributed_orders, 0) as attributed_orders,
        coalesce(attributed.net_sales_amount, 0) as net_sales_amount,
        coalesce(attributed.costed_sales_amount, 0) as costed_sales_amount,
        -- no orders, no margin; orders whose cost nobody knows, a margin that nobody knows
        case when attributed.attributed_orders > 0 then attributed.margin_amount else 0 end as margin_amount,
        months.is_complete as is_complete_period
    from campaigns
    inner join campaign_spans
        on campaigns.campaign_id = campaign_spans.campaign_id
    inner join months
        on
            campaign_spans.first_month <= months.month_start
            and campaign_spans.last_month >= months.month_start
    left join spend
        on
            campaigns.campaign_id = spend.campaign_id
            and months.month_start = spend.month_start
    left join sessions
        on
            campaigns.campaign_id = sessions.campaign_id
            and months.month_start = sessions.month_start
    left join leads
        on
            campaigns.campaign_id = leads.campaign_id
            and months.month_start = leads.month_start
    left join attributed
        on
            campaigns.campaign_id = attributed.campaign_id
            and months.month_start = attributed.month_start
),

campaign_months_to_date as (
    select
        *,
        sum(spend_amount) over (partition by campaign_id order by month_start) as spend_to_date_amount
    from campaign_months
)

select
    month_start,
    campaign_id,
    campaign_name,
    channel,
    objective,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    sessions,
    leads,
    new_company_leads,
    converted_leads,
    attributed_orders,
    cast(reported_conversions as bigint) as reported_conversions,
    cast(spend_amount as decimal(18, 4)) as spend_amount,
    cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(costed_sales_amount as decimal(18, 4)) as costed_sales_amount,
    cast(margin_amount as decimal(18, 4)) as margin_amount,
    {{ ratio('clicks', 'impressions') }} as click_through_rate,
    {{ wilson_bounds('clicks', 'impressions', 'click_through_rate') }},
    {{ is_reportable('impressions') }} as is_reportable,
    {{ ratio('spend_amount', 'clicks') }} as cost_per_click_amount,
    1000 * {{ ratio('spend_amount', 'impressions') }} as cost_per_mille_amount,
    {{ ratio('spend_amount', 'leads') }} as cost_per_lead_amount,
    {{ ratio('net_sales_amount', 'spend_amount') }} as roas,
    {{ ratio('margin_amount - spend_amount', 'spend_amount') }} as roi,
    budget_amount,
    cast(spend_to_date_amount as decimal(18, 4)) as spend_to_date_amount,
    {{ ratio('spend_to_date_amount', 'budget_amount') }} as budget_use_rate,
    is_complete_period
from campaign_months_to_date
