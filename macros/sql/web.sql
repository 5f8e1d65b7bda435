{#- What web KPIs share. -#}

{#- Whose sessions an event is sorted into: the visitor's, or its own. A visitor and an event may have one number. -#}
{% macro session_owner(visitor_id, event_id) -%}
    coalesce({{ visitor_id }}, 'event ' || {{ event_id }})
{%- endmacro %}

{#- The id of a session: a hash of its owner and its first event. -#}
{% macro session_id(owner_id, first_event_id) -%}
    md5({{ owner_id }} || '|' || {{ first_event_id }})
{%- endmacro %}

{#- The cart of a row of int_cart_events; a tracker without cart ids gives one cart a session. -#}
{% macro cart_key() -%}
    coalesce(cart_id, case when event_name = 'add_to_cart' then session_id end)
{%- endmacro %}

{#- Counts of sessions by what came of them, over rows of int_sessions_measured. -#}
{% macro session_counts() -%}
    count(*) as sessions,
    count(*) filter (where is_engaged) as engaged_sessions,
    count(*) filter (where not is_engaged) as bounced_sessions,
    count(*) filter (where is_single_interaction) as single_interaction_sessions,
    count(*) filter (where has_order) as sessions_with_order
{%- endmacro %}

{#- The rates of those counts, with their intervals. -#}
{% macro session_rates() -%}
    {{ ratio('engaged_sessions', 'sessions') }} as engagement_rate,
    {{ wilson_bounds('engaged_sessions', 'sessions', 'engagement_rate') }},
    {{ ratio('bounced_sessions', 'sessions') }} as bounce_rate,
    {{ wilson_bounds('bounced_sessions', 'sessions', 'bounce_rate') }},
    {{ ratio('single_interaction_sessions', 'sessions') }} as bounce_rate_ua,
    {{ wilson_bounds('single_interaction_sessions', 'sessions', 'bounce_rate_ua') }},
    {{ ratio('sessions_with_order', 'sessions') }} as session_conversion_rate,
    {{ wilson_bounds('sessions_with_order', 'sessions', 'session_conversion_rate') }}
{%- endmacro %}

{#-
    What a tracker recorded, without the words it writes where there was nothing. A pattern, because DuckDB makes a join
    of a list of six, which is made whether the column is read or not.
-#}
{% macro tracker_value(expression) -%}
    {%- set nothing = '^([(](direct|none|not set|not provided)[)]|direct|none)$' -%}
    case when not {{ matches_pattern('lower(' ~ expression ~ ')', nothing) }} then {{ expression }} end
{%- endmacro %}

{#- A page without its parameters: the address up to the first ? or #. -#}
{% macro page_path(expression) -%}
    coalesce(nullif(split_part(split_part({{ expression }}, '?', 1), '#', 1), ''), 'unknown')
{%- endmacro %}

{#-
    Probability that a standard normal variable exceeds z in size, for z of 0 or more: 2 (1 - Phi(z)), which is
    erfc(z / sqrt 2). Spark knows no erf: Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
-#}
{% macro two_sided_p_value(z) -%}
    {%- set t = '(1 / (1 + 0.3275911 * (' ~ z ~ ') / sqrt(2e0)))' -%}
    {{ t }} * (
        0.254829592e0 + {{ t }} * (
            -0.284496736e0 + {{ t }} * (1.421413741e0 + {{ t }} * (-1.453152027e0 + {{ t }} * 1.061405429e0))
        )
    ) * exp(-({{ z }}) * ({{ z }}) / 2)
{%- endmacro %}

{#- Valid web orders and their net amount by the session they came from. -#}
{% macro orders_of_sessions() -%}
    select
        attributed.session_id,
        count(*) as orders,
        cast(sum(orders.net_amount) as decimal(18, 4)) as net_amount
    from {{ ref('int_web_orders_attributed') }} as attributed
    inner join {{ ref('fct_orders') }} as orders
        on attributed.order_id = orders.order_id
    group by attributed.session_id
{%- endmacro %}

{#- The rows of fct_sessions; `where` chooses sessions of int_web_sessions. -#}
{% macro session_facts(where='') -%}
with orders_of_sessions as (
    {{ orders_of_sessions() }}
)

select
    sessions.session_id,
    sessions.visitor_id,
    identified.contact_id,
    identified.account_id,
    account_periods.account_period_id,
    identified.identified_by,
    sessions.source,
    sessions.medium,
    sessions.campaign,
    sessions.keyword,
    credited.source as conversion_source,
    credited.medium as conversion_medium,
    credited.campaign as conversion_campaign,
    sessions.landing_page_url,
    sessions.landing_page_type,
    sessions.device,
    sessions.country_code,
    sessions.events,
    sessions.page_views,
    sessions.product_views,
    sessions.cart_additions,
    sessions.quote_requests,
    sessions.duration_seconds,
    sessions.engaged_seconds,
    coalesce(session_orders.orders, 0) as orders,
    cast(coalesce(session_orders.net_amount, 0) as decimal(18, 4)) as net_amount,
    sessions.is_engaged,
    session_orders.session_id is not null as has_order,
    sessions.is_robot,
    coalesce(identified.is_staff, false) as is_staff,
    -- consentless events count as page views only, not as sessions in a rate
    not sessions.is_robot
    and not coalesce(identified.is_staff, false)
    and sessions.visitor_id is not null
    and sessions.started_on <= as_of.as_of_on as is_valid,
    sessions.started_on,
    sessions.started_at,
    sessions.ended_at
from {{ ref('int_web_sessions') }} as sessions
cross join {{ ref('int_as_of') }} as as_of
left join {{ ref('int_sessions_identified') }} as identified
    on sessions.session_id = identified.session_id
left join {{ ref('int_sessions_credited') }} as credited
    on sessions.session_id = credited.session_id
left join orders_of_sessions as session_orders
    on sessions.session_id = session_orders.session_id
{{ join_account_period('identified.account_id', 'sessions.started_on') }}
{{ where }}
{%- endmacro %}
