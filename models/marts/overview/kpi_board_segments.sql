-- Grain: one row per calendar month, segment and headline metric. Key: month_start, segment, metric. The segment
-- `all` is the whole business, whose numerators and denominators are the sums of the others. Not additive otherwise.
-- The size of a company is that of the day of the event. Clock: the metric's own, cut in the reporting time zone. A
-- month without orders is a zero, a ratio without denominator is empty. Changes compare complete months with complete
-- months, one after the other; NPS, as surveys are not sent every month, with the last complete one that has answers.
with months as (
    select * from {{ ref('int_months') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

measures as (
    select * from {{ ref('kpi_board_measures') }}
    union all
    select
        measure,
        month_start,
        'all' as segment,
        sum(amount) as amount
    from {{ ref('kpi_board_measures') }}
    group by measure, month_start
),

segments as (
    select segment from measures
    union
    select 'all' as segment
),

{% set measure_names = [
    'sales_amount', 'orders', 'sales_with_cost_amount', 'cost_amount', 'refund_amount', 'refund_with_cost_amount',
    'cost_taken_back_amount', 'sessions', 'sessions_with_order', 'decided_deals', 'won_deals', 'leads',
    'converted_leads', 'quotes', 'converted_quotes', 'unripe_quotes', 'lines_due', 'lines_on_time', 'nps_answers',
    'nps_points', 'nps_opinions', 'new_customers', 'repeat_customers', 'customers_at_start', 'customers_lost',
] %}
month_measures as (
    select
        months.month_start,
        months.month_end,
        months.is_complete,
        segments.segment
        {%- for name in measure_names -%}
        , coalesce(sum(measures.amount) filter (where measures.measure = '{{ name }}'), 0) as {{ name }}
        {%- endfor %}
    from months
    cross join segments
    left join measures
        on
            months.month_start = measures.month_start
            and segments.segment = measures.segment
    group by months.month_start, months.month_end, months.is_complete, segments.segment
),

-- metric, unit, numerator, denominator (none for amounts and counts), days until a month is ripe
{% set net_sales_with_cost = '(sales_with_cost_amount - refund_with_cost_amount)' %}
{% set metrics = [
    ('revenue', 'currency', 'sales_amount - refund_amount', none, 0),
    ('orders', 'count', 'orders', none, 0),
    ('aov', 'currency', 'sales_amount', 'orders', 0),
    ('gross_margin_rate', 'rate', net_sales_with_cost ~ ' - (cost_amount - cost_taken_back_amount)',
        'greatest(' ~ net_sales_with_cost ~ ', 0)', 0),
    ('session_conversion_rate', 'rate', 'sessions_with_order', 'sessions', 0),
    ('new_customers', 'count', 'new_customers', none, 0),
    ('repeat_customers', 'count', 'repeat_customers', none, 0),
    ('customers_lost', 'count', 'customers_lost', none, 0),
    ('churn_rate', 'rate', 'customers_lost', 'customers_at_start', 0),
    ('quote_to_order_rate', 'rate', 'converted_quotes', 'quotes', 0),
    ('win_rate', 'rate', 'won_deals', 'decided_deals', 0),
    ('lead_conversion_rate', 'rate', 'converted_leads', 'leads', var('lead_conversion_days')),
    ('on_time_delivery_rate', 'rate', 'lines_on_time', 'lines_due', 0),
    ('nps', 'points', 'nps_points', 'nps_answers', 0),
] %}
metric_values as (
    {% for metric, unit, numerator, denominator, ripe_days in metrics %}
    select
        month_measures.month_start,
        month_measures.segment,
        '{{ metric }}' as metric,
        {{ loop.index }} as metric_position,
        '{{ unit }}' as unit,
        {{ "'down'" if metric in ('customers_lost', 'churn_rate') else "'up'" }} as good_direction,
        cast({{ numerator }} as decimal(18, 4)) as numerator,
        cast({{ denominator or 'null' }} as decimal(18, 4)) as denominator,
        {% if denominator -%}
        {{ ratio('(' ~ numerator ~ ')', denominator) }} as value,
        {%- else -%}
        cast({{ numerator }} as double) as value,
        {%- endif %}
        {% if metric == 'nps' -%}
        {{ nps_bound('nps_points', 'nps_opinions', 'nps_answers', 'low') }} as value_low,
        {{ nps_bound('nps_points', 'nps_opinions', 'nps_answers', 'high') }} as value_high,
        {%- elif unit == 'rate' and metric != 'gross_margin_rate' -%}
        {{ wilson_bounds(numerator, denominator, 'value') }},
        {%- else -%}
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        {%- endif %}
        {{ is_reportable(denominator) if unit in ('rate', 'points') and metric != 'gross_margin_rate' else 'true' }}
            as is_reportable,
        month_measures.is_complete
        {% if metric == 'quote_to_order_rate' -%}
        and month_measures.unripe_quotes = 0
        {%- endif %}
        and {{ dbt.dateadd('day', ripe_days, 'month_measures.month_end') }} <= as_of.as_of_on as is_complete_period
    from month_measures
    cross join as_of
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

metric_values_with_previous as (
    select
        *,
        case
            when metric = 'nps'
                then max_by(value, month_start) filter (where is_complete_period and value is not null) over (
                        partition by segment, metric
                        order by month_start
                        rows between unbounded preceding and 1 preceding
                    )
            else lag(value) over (partition by segment, metric order by month_start)
        end as earlier_value,
        metric = 'nps'
        or lag(is_complete_period) over (partition by segment, metric order by month_start) as is_earlier_complete
    from metric_values
),

metric_changes as (
    select
        *,
        case when value is not null then earlier_value end as previous_value,
        case
            when is_complete_period and is_earlier_complete then value - earlier_value
        end as change_amount,
        case
            when is_complete_period and is_earlier_complete
                then {{ ratio('value - earlier_value', 'abs(earlier_value)') }}
        end as change_rate
    from metric_values_with_previous
)

select
    month_start,
    segment,
    metric,
    metric_position,
    unit,
    good_direction,
    numerator,
    denominator,
    value,
    value_low,
    value_high,
    previous_value,
    change_amount,
    change_rate,
    case
        when change_rate >= {{ var('trend_threshold') }} then '↑'
        when change_rate <= -{{ var('trend_threshold') }} then '↓'
        when change_rate is not null then '→'
    end as trend,
    is_reportable,
    is_complete_period
from metric_changes
