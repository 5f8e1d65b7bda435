{#- What web KPIs share. -#}

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

{#- What a tracker recorded, without the words it writes where there was nothing. -#}
{% macro tracker_value(expression) -%}
    case
        when lower({{ expression }}) not in ('(direct)', 'direct', '(none)', 'none', '(not set)', '(not provided)')
            then {{ expression }}
    end
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
