-- Grain: one row. The day all numbers are stated for: the workspace's as_of, else the last local day with an order or
-- a web event, so that the same data give the same numbers whenever they are built. Robots, testers and staff do not
-- move it: they are busy when no customer is. A company that gives neither is as of the last day on which anything else
-- happened. The first day of data goes with it, because the first month may be as partial as the last. Both null when
-- there is no data. A batch looks for the first and the last web event in the first and the last three days of all.
{% set other_clocks = {
    'returns': 'returned_at', 'quotes': 'requested_at', 'leads': 'created_at', 'opportunities': 'created_at',
    'activities': 'occurred_at', 'invoices': 'issued_on', 'payments': 'paid_on', 'inquiries': 'created_at',
    'survey_responses': 'sent_at', 'reviews': 'reviewed_at', 'email_events': 'occurred_at', 'ad_spend': 'spent_on',
    'inventory_snapshots': 'snapshot_on',
} %}
{% set web_activity %}
    select events.occurred_at as active_at
    from {{ ref('int_web_events_flagged') }} as events
    {{ join_testers(contact_id='events.contact_id') }}
    where not events.is_robot and not ({{ is_tester() }})
{% endset %}
{% set is_built = load_relation(ref('int_web_events_flagged')) if execute and is_batch() %}
{% set ends = run_query(
    'select min(occurred_at) + interval 3 day, max(occurred_at) - interval 3 day from '
    ~ stored('screened_web_events_read') ~ ' where rejection is null'
).rows[0] if is_built else [none, none] %}
{% set in_first_days = "and events.occurred_at <= cast('" ~ ends[0] ~ "' as timestamp)" if ends[0] %}
{% set in_last_days = "and events.occurred_at >= cast('" ~ ends[1] ~ "' as timestamp)" if ends[1] %}
{% set is_found_there = run_query(
    'select exists (' ~ web_activity ~ in_first_days ~ ') and exists (' ~ web_activity ~ in_last_days ~ ')'
).columns[0].values()[0] if ends[0] %}
with activity as (
    select orders.ordered_at as active_at
    from {{ ref('orders') }} as orders
    {{ join_testers(order_id='orders.order_id') }}
    where not ({{ is_tester() }})

    union all

    {%- if is_found_there %}
    {{ web_activity ~ in_first_days }}

    union all
    {{ web_activity ~ in_last_days }}
    {%- else %}
    {{ web_activity }}
    {%- endif %}
),

other_activity as (
    {% for entity, clock in other_clocks.items() -%}
    select {{ local_date(clock) if clock.endswith('_at') else clock }} as active_on from {{ ref(entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

-- The first and the last moment are on the first and the last day: two conversions to local time, not one an event.
bounds as (
    select
        {{ local_date('max(active_at)') }} as last_on,
        {{ local_date('min(active_at)') }} as first_on
    from activity
),

other_bounds as (
    select
        max(active_on) as last_on,
        min(active_on) as first_on
    from other_activity
)

select
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as date) as as_of_on,
    {%- else -%}
    coalesce(bounds.last_on, other_bounds.last_on) as as_of_on,
    {%- endif %}
    coalesce(bounds.first_on, other_bounds.first_on) as data_starts_on
from bounds
cross join other_bounds
