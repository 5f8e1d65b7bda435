-- Grain: one row per month, company size of the visitor and step, zeros included. Key: month_start, company_size,
-- step. Sessions add up over months and sizes, never over steps; medians and ratios are not additive. Clock:
-- started_on. The funnel is closed: a session is in a step when it did what the step asks for at or after the moment
-- it entered the step before. At the same instant counts, because trackers that round to seconds give a chain of
-- steps one time. open_sessions are those that did it at all, in whatever order. A purchase is one of an order that
-- counts.
{% set steps = ['session', 'product_view', 'add_to_cart', 'checkout', 'purchase'] %}
with months as (
    select * from {{ ref('int_months') }}
),

visits as (
    select * from {{ ref('int_sessions_measured') }}
    where is_valid
),

step_events as (
    select
        events.session_id,
        events.occurred_at,
        case
            -- not every tracker sends a product view beside the view of a product's page
            when
                events.event_name = 'product_view'
                or (events.event_name = 'page_view' and events.page_type = 'product')
                then 'product_view'
            when events.event_name = 'add_to_cart' then 'add_to_cart'
            when events.event_name = 'checkout_start' then 'checkout'
            when events.event_name = 'purchase' and coalesce(orders.is_valid, events.order_id is null) then 'purchase'
        end as step
    from {{ ref('fct_web_events') }} as events
    left join {{ ref('fct_orders') }} as orders
        on events.order_id = orders.order_id
    where events.is_valid
),

reached_session as (
    select
        session_id,
        started_at as reached_at
    from visits
),

{% for step in steps[1:] -%}
{% set previous = steps[loop.index0] -%}
reached_{{ step }} as (
    select
        step_events.session_id,
        min(step_events.occurred_at) as reached_at
    from step_events
    inner join reached_{{ previous }} as previous_step
        on
            step_events.session_id = previous_step.session_id
            and step_events.occurred_at >= previous_step.reached_at
    where step_events.step = '{{ step }}'
    group by step_events.session_id
),

{% endfor -%}
reached_steps as (
    {% for step in steps -%}
    select
        session_id,
        '{{ step }}' as step,
        reached_at
    from reached_{{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

step_sums as (
    select
        visits.month_start,
        visits.company_size,
        reached_steps.step,
        count(*) as sessions,
        sum({{ dbt.datediff('visits.started_at', 'reached_steps.reached_at', 'second') }}) as seconds_to_step,
        median(
            cast({{ dbt.datediff('visits.started_at', 'reached_steps.reached_at', 'second') }} as double)
        ) as median_seconds_to_step
    from reached_steps
    inner join visits
        on reached_steps.session_id = visits.session_id
    group by visits.month_start, visits.company_size, reached_steps.step
),

open_steps as (
    select
        session_id,
        step
    from step_events
    where step is not null
    group by session_id, step

    union all

    select
        session_id,
        'session' as step
    from visits
),

open_sums as (
    select
        visits.month_start,
        visits.company_size,
        open_steps.step,
        count(*) as open_sessions
    from open_steps
    inner join visits
        on open_steps.session_id = visits.session_id
    group by visits.month_start, visits.company_size, open_steps.step
),

company_sizes as (
    select company_size from visits
    group by company_size
),

funnel_steps as (
    {% for step in steps -%}
    select
        {{ loop.index }} as step_number,
        '{{ step }}' as step
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

month_counts as (
    select
        months.month_start,
        company_sizes.company_size,
        funnel_steps.step_number,
        funnel_steps.step,
        coalesce(step_sums.sessions, 0) as sessions,
        coalesce(open_sums.open_sessions, 0) as open_sessions,
        cast(coalesce(step_sums.seconds_to_step, 0) as bigint) as seconds_to_step,
        step_sums.median_seconds_to_step,
        months.is_complete as is_complete_period
    from months
    cross join company_sizes
    cross join funnel_steps
    left join step_sums
        on
            months.month_start = step_sums.month_start
            and company_sizes.company_size = step_sums.company_size
            and funnel_steps.step = step_sums.step
    left join open_sums
        on
            months.month_start = open_sums.month_start
            and company_sizes.company_size = open_sums.company_size
            and funnel_steps.step = open_sums.step
),

month_counts_with_neighbours as (
    select
        *,
        first_value(sessions) over (partition by month_start, company_size order by step_number) as first_step_sessions,
        lag(sessions) over (partition by month_start, company_size order by step_number) as previous_step_sessions
    from month_counts
)

select
    month_start,
    company_size,
    step,
    step_number,
    sessions,
    previous_step_sessions,
    first_step_sessions,
    previous_step_sessions - sessions as dropped_sessions,
    open_sessions,
    seconds_to_step,
    {{ ratio('sessions', 'previous_step_sessions') }} as previous_step_rate,
    {{ wilson_bounds('sessions', 'previous_step_sessions', 'previous_step_rate') }},
    {{ ratio('previous_step_sessions - sessions', 'previous_step_sessions') }} as drop_off_rate,
    {{ wilson_bounds('previous_step_sessions - sessions', 'previous_step_sessions', 'drop_off_rate') }},
    {{ ratio('sessions', 'first_step_sessions') }} as first_step_rate,
    {{ wilson_bounds('sessions', 'first_step_sessions', 'first_step_rate') }},
    {{ is_reportable('first_step_sessions') }} as is_first_step_rate_reportable,
    {{ ratio('seconds_to_step', 'sessions') }} as average_seconds_to_step,
    median_seconds_to_step,
    {{ is_reportable('coalesce(previous_step_sessions, sessions)') }} as is_reportable,
    is_complete_period
from month_counts_with_neighbours
