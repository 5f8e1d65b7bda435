-- Which campaigns earn back what they cost?
-- All spend and all credited orders to date. What an advertising system reports as conversions stands beside ours: it
-- counts everyone who ever clicked. Ratios are of sums, so that a cheap month does not outweigh a dear one. Credited
-- are orders after a session of the campaign: what a trade fair brings are leads, and those that became customers.
select
    campaign_name,
    channel,
    round(sum(spend_amount), 2) as spend_amount,
    sum(clicks) as clicks,
    sum(leads) as leads,
    sum(converted_leads) as converted_leads,
    sum(reported_conversions) as reported_conversions,
    round(sum(attributed_orders), 1) as attributed_orders,
    round(sum(net_sales_amount), 2) as net_sales_amount,
    round(sum(net_sales_amount) / nullif(sum(spend_amount), 0), 2) as roas,
    round((sum(margin_amount) - sum(spend_amount)) / nullif(sum(spend_amount), 0), 2) as roi
from {{ ref('kpi_campaign') }}
group by campaign_name, channel
having sum(spend_amount) > 0
order by roi desc nulls last, campaign_name asc
