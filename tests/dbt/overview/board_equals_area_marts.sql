-- Every headline metric is that of the mart of its area, in every month: numerator, denominator and value. A mart
-- without a row for a month counts nothing in it. Sessions with an order are stated by two marts.
{#- metric, mart, rows of it, numerator, denominator (none for counts and amounts) -#}
{% set statements = [
    ('revenue', 'kpi_order_channel', "period <> 'all'", 'sum(net_sales_amount)', none),
    ('orders', 'kpi_order_channel', "period <> 'all'", 'sum(orders)', none),
    ('aov', 'kpi_order_channel', "period <> 'all'", 'sum(sales_amount)', 'sum(orders)'),
    ('gross_margin_rate', 'kpi_margin', 'true', 'sum(margin_amount)', 'greatest(sum(costed_net_sales_amount), 0)'),
    ('session_conversion_rate', 'kpi_traffic', 'true', 'sum(sessions_with_order)', 'sum(sessions)'),
    (
        'session_conversion_rate', 'kpi_source_conversion', 'true', 'sum(credited_sessions_with_order)',
        'sum(credited_sessions)',
    ),
    ('new_customers', 'kpi_churn', 'true', 'sum(new_customers)', none),
    ('repeat_customers', 'kpi_churn', 'true', 'sum(repeat_customers)', none),
    ('customers_lost', 'kpi_churn', 'true', 'sum(customers_lost)', none),
    ('churn_rate', 'kpi_churn', 'true', 'sum(customers_lost)', 'sum(customers_at_start)'),
    (
        'quote_to_order_rate', 'kpi_quote_funnel', "dimension = 'all' and period <> 'all'", 'sum(converted_quotes)',
        'sum(requested_quotes)',
    ),
    ('win_rate', 'kpi_win_rate', "dimension = 'all'", 'sum(won_deals)', 'sum(decided_deals)'),
    ('lead_conversion_rate', 'kpi_lead_conversion', "period <> 'all'", 'sum(converted_leads)', 'sum(leads)'),
    ('on_time_delivery_rate', 'kpi_fulfilment', 'true', 'sum(on_time_lines)', 'sum(lines_due)'),
    (
        'nps', 'kpi_satisfaction', "survey_type = 'nps' and company_size = 'all'",
        '100 * (sum(promoters) - sum(detractors))', 'sum(responses)',
    ),
] %}
{#- metrics that a mart also states as a column of its own, in the one row it has for a month -#}
{% set columns = {
    'churn_rate': 'churn_rate',
    'quote_to_order_rate': 'quote_to_order_rate',
    'win_rate': 'win_rate',
    'nps': 'nps',
} %}
with areas as (
    {% for metric, mart, condition, numerator, denominator in statements %}
    select
        '{{ mart }}' as mart,
        '{{ metric }}' as metric,
        month_start,
        cast({{ numerator }} as decimal(18, 4)) as numerator,
        cast({{ denominator or 'null' }} as decimal(18, 4)) as denominator,
        {% if metric == 'churn_rate' -%}
        -- shown in complete months only
        case when bool_and(is_complete_period) then max(churn_rate) else {{ ratio(numerator, denominator) }} end
        {%- elif metric in columns -%}
        max({{ columns[metric] }})
        {%- elif denominator -%}
        {{ ratio(numerator, denominator) }}
        {%- else -%}
        cast({{ numerator }} as double)
        {%- endif %} as value
    from {{ ref(mart) }}
    where {{ condition }}
    group by month_start
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

board as (
    {% for metric, mart, condition, numerator, denominator in statements %}
    select
        '{{ mart }}' as mart,
        month_start,
        metric,
        numerator,
        denominator,
        value
    from {{ ref('kpi_board') }}
    where metric = '{{ metric }}'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    coalesce(board.mart, areas.mart) as mart,
    coalesce(board.metric, areas.metric) as metric,
    coalesce(board.month_start, areas.month_start) as month_start,
    board.numerator,
    areas.numerator as numerator_of_area,
    board.denominator,
    areas.denominator as denominator_of_area,
    board.value,
    areas.value as value_of_area
from board
full join areas
    on
        board.mart = areas.mart
        and board.metric = areas.metric
        and board.month_start = areas.month_start
where
    case
        when areas.metric is null then board.numerator <> 0 or board.denominator <> 0
        else
            board.numerator is distinct from areas.numerator
            or board.denominator is distinct from areas.denominator
            -- doubles of the same parts, worked out in another order
            or round(board.value, 9) is distinct from round(areas.value, 9)
    end
