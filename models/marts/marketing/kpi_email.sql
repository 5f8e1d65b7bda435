-- Grain: one row per campaign that sent e-mails; campaign_id unknown where the system names none. Key: campaign_id.
-- Additive over campaigns, except rates: counts are of messages, each of which goes to one person. Clock: none, all
-- to date. A message that bounced, hard or soft, was not delivered, and nothing that happened to it afterwards
-- counts. Opens and clicks of mail programs and link scanners are counted apart; so is a click within less than
-- email_machine_click_seconds of sending. Messages without a sent event are not counted.
with events as (
    select
        coalesce(campaign_id, 'unknown') as campaign_id,
        message_id,
        event_name,
        is_machine,
        occurred_on,
        occurred_at,
        min(case when event_name = 'sent' then occurred_at end) over (
            partition by coalesce(campaign_id, 'unknown'), message_id
        ) as message_sent_at
    from {{ ref('fct_email_events') }}
    where is_valid
),

judged_events as (
    select
        *,
        is_machine
        or (
            event_name = 'click'
            and coalesce(
                occurred_at < message_sent_at + interval {{ var('email_machine_click_seconds') }} second, false
            )
        ) as is_by_machine
    from events
),

messages as (
    select
        campaign_id,
        message_id,
        bool_or(event_name = 'hard_bounce') as is_hard_bounce,
        bool_or(event_name = 'soft_bounce') as is_soft_bounce,
        bool_or(event_name = 'open' and not is_by_machine) as is_opened,
        bool_or(event_name = 'open' and is_by_machine) as is_opened_by_machine,
        bool_or(event_name = 'click' and not is_by_machine) as is_clicked,
        bool_or(event_name = 'click' and is_by_machine) as is_clicked_by_machine,
        bool_or(event_name = 'unsubscribe') as is_unsubscribed,
        min(occurred_on) filter (where event_name = 'sent') as sent_on
    from judged_events
    where message_sent_at is not null
    group by campaign_id, message_id
),

delivered_messages as (
    select
        *,
        not is_hard_bounce and not is_soft_bounce as is_delivered
    from messages
),

campaign_sums as (
    select
        campaign_id,
        count(*) as sent,
        count(*) filter (where is_hard_bounce) as hard_bounces,
        count(*) filter (where is_soft_bounce and not is_hard_bounce) as soft_bounces,
        count(*) filter (where not is_delivered) as bounces,
        count(*) filter (where is_delivered) as delivered,
        count(*) filter (where is_delivered and is_opened) as opens,
        count(*) filter (where is_delivered and is_opened_by_machine) as machine_opens,
        count(*) filter (where is_delivered and is_clicked) as clicks,
        count(*) filter (where is_delivered and is_clicked_by_machine) as machine_clicks,
        count(*) filter (where is_delivered and is_unsubscribed) as unsubscribes,
        min(sent_on) as first_sent_on,
        max(sent_on) as last_sent_on
    from delivered_messages
    group by campaign_id
)

select
    campaign_sums.campaign_id,
    coalesce(campaigns.campaign_name, 'unknown') as campaign_name,
    campaign_sums.sent,
    campaign_sums.hard_bounces,
    campaign_sums.soft_bounces,
    campaign_sums.delivered,
    campaign_sums.opens,
    campaign_sums.machine_opens,
    campaign_sums.clicks,
    campaign_sums.machine_clicks,
    campaign_sums.unsubscribes,
    {{ ratio('campaign_sums.bounces', 'campaign_sums.sent') }} as bounce_rate,
    {{ wilson_bounds('campaign_sums.bounces', 'campaign_sums.sent', 'bounce_rate') }},
    {{ is_reportable('campaign_sums.sent') }} as is_bounce_rate_reportable,
    {{ ratio('campaign_sums.opens', 'campaign_sums.delivered') }} as open_rate,
    {{ wilson_bounds('campaign_sums.opens', 'campaign_sums.delivered', 'open_rate') }},
    {{ ratio('campaign_sums.clicks', 'campaign_sums.delivered') }} as click_rate,
    {{ wilson_bounds('campaign_sums.clicks', 'campaign_sums.delivered', 'click_rate') }},
    {{ ratio('campaign_sums.clicks', 'campaign_sums.opens') }} as click_to_open_rate,
    {{ wilson_bounds('campaign_sums.clicks', 'campaign_sums.opens', 'click_to_open_rate') }},
    {{ is_reportable('campaign_sums.opens') }} as is_click_to_open_rate_reportable,
    {{ ratio('campaign_sums.unsubscribes', 'campaign_sums.delivered') }} as unsubscribe_rate,
    {{ wilson_bounds('campaign_sums.unsubscribes', 'campaign_sums.delivered', 'unsubscribe_rate') }},
    {{ is_reportable('campaign_sums.delivered') }} as is_reportable,
    campaign_sums.first_sent_on,
    campaign_sums.last_sent_on
from campaign_sums
left join {{ ref('dim_campaign') }} as campaigns
    on campaign_sums.campaign_id = campaigns.campaign_id
