-- Grain: one row per month, channel and topic of inquiries, all being the total of either; every month and every
-- combination that occurs at all, zero-filled. Key: month_start, channel, topic. Additive over channels other than
-- all within one topic, and the other way round; medians and percentiles are not. Clocks: what became of inquiries is
-- counted in the month they came in (created_on), response hours in the month of the answer (responded_on),
-- resolution hours in that of the settlement (resolved_on). Inquiries of the seller's own people are out.
with inquiries as (
    select
        *,
        {{ month_of('created_on') }} as created_month,
        {{ month_of('responded_on') }} as responded_month,
        {{ month_of('resolved_on') }} as resolved_month
    from {{ ref('int_inquiries_timed') }}
),

came_in as (
    select
        created_month as month_start,
        coalesce(channel, 'all') as channel,
        coalesce(topic, 'all') as topic,
        count(*) as inquiries,
        count(*) filter (where is_answered) as answered_inquiries,
        count(*) filter (where not is_answered) as unanswered_inquiries,
        count(*) filter (where not is_resolved) as unresolved_inquiries,
        count(*) filter (where is_due) as due_inquiries,
        count(*) filter (where is_answered_in_time) as answered_in_time_inquiries,
        median(cast(unanswered_days as double)) as unanswered_median_days,
        cast(max(unanswered_days) as double) as unanswered_longest_days
    from inquiries
    group by created_month, cube(channel, topic)
),

answered as (
    select
        responded_month as month_start,
        coalesce(channel, 'all') as channel,
        coalesce(topic, 'all') as topic,
        count(*) as answers,
        median(response_hours) as response_median_hours,
        percentile_cont(0.9) within group (order by response_hours) as response_p90_hours,
        median(cast(response_business_hours as double)) as response_median_business_hours,
        percentile_cont(0.9) within group (order by cast(response_business_hours as double))
            as response_p90_business_hours
    from inquiries
    where is_answered
    group by responded_month, cube(channel, topic)
),

resolved as (
    select
        resolved_month as month_start,
        coalesce(channel, 'all') as channel,
        coalesce(topic, 'all') as topic,
        count(*) as resolutions,
        median(resolution_hours) as resolution_median_hours
    from inquiries
    where is_resolved
    group by resolved_month, cube(channel, topic)
),

channel_topics as (
    select
        channel,
        topic
    from came_in
    group by channel, topic
)

select
    months.month_start,
    channel_topics.channel,
    channel_topics.topic,
    coalesce(came_in.inquiries, 0) as inquiries,
    coalesce(came_in.answered_inquiries, 0) as answered_inquiries,
    coalesce(came_in.unanswered_inquiries, 0) as unanswered_inquiries,
    {{ ratio('came_in.unanswered_inquiries', 'came_in.inquiries') }} as unanswered_rate,
    {{ wilson_bounds('came_in.unanswered_inquiries', 'came_in.inquiries', 'unanswered_rate') }},
    {{ is_reportable('came_in.inquiries') }} as is_unanswered_rate_reportable,
    came_in.unanswered_median_days,
    came_in.unanswered_longest_days,
    coalesce(came_in.unresolved_inquiries, 0) as unresolved_inquiries,
    coalesce(came_in.due_inquiries, 0) as due_inquiries,
    coalesce(came_in.answered_in_time_inquiries, 0) as answered_in_time_inquiries,
    {{ ratio('came_in.answered_in_time_inquiries', 'came_in.due_inquiries') }} as sla_hit_rate,
    {{ wilson_bounds('came_in.answered_in_time_inquiries', 'came_in.due_inquiries', 'sla_hit_rate') }},
    {{ is_reportable('came_in.due_inquiries') }} as is_reportable,
    coalesce(answered.answers, 0) as answers,
    answered.response_median_hours,
    answered.response_p90_hours,
    answered.response_median_business_hours,
    answered.response_p90_business_hours,
    {{ is_reportable('answered.answers') }} as is_response_reportable,
    coalesce(resolved.resolutions, 0) as resolutions,
    resolved.resolution_median_hours,
    months.is_complete as is_complete_period
from {{ ref('int_months') }} as months
cross join channel_topics
left join came_in
    on
        months.month_start = came_in.month_start
        and channel_topics.channel = came_in.channel
        and channel_topics.topic = came_in.topic
left join answered
    on
        months.month_start = answered.month_start
        and channel_topics.channel = answered.channel
        and channel_topics.topic = answered.topic
left join resolved
    on
        months.month_start = resolved.month_start
        and channel_topics.channel = resolved.channel
        and channel_topics.topic = resolved.topic
