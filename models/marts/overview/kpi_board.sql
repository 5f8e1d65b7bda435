-- Grain: one row per calendar month and headline metric. Key: month_start, metric. Not additive: re-aggregate
-- numerator and denominator. Clock: the metric's own (docs/metrics.md), cut in the reporting time zone. A month
-- without orders is a zero, a ratio without denominator is empty. Changes compare complete months with complete
-- months.
with months as (
    select * from {{ ref('int_months') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

sales_by_month as (
    select
        {{ month_of('ordered_on') }} as month_start,
        sum(net_amount) as net_amount,
        count(*) as orders
    from {{ ref('fct_orders') }}
    where is_valid
    group by {{ month_of('ordered_on') }}
),

returns_by_month as (
    select
        {{ month_of('returned_on') }} as month_start,
        sum(refund_amount) as refund_amount
    from {{ ref('fct_returns') }}
    where is_valid
    group by {{ month_of('returned_on') }}
),

sessions_by_month as (
    select
        {{ month_of('started_on') }} as month_start,
        count(*) as sessions,
        count(*) filter (where has_order) as sessions_with_order
    from {{ ref('fct_sessions') }}
    where is_valid
    group by {{ month_of('started_on') }}
),

customers_by_month as (
    select
        month_start,
        count(*) as customers,
        count(*) filter (where is_new) as new_customers,
        count(*) filter (where is_repeat) as repeat_customers
    from (
        select
            account_id,
            {{ month_of('ordered_on') }} as month_start,
            bool_or(order_day_number = 1) as is_new,
            bool_or(order_day_number > 1) as is_repeat
        from {{ ref('int_account_order_days') }}
        group by account_id, {{ month_of('ordered_on') }}
    ) as customer_months
    group by month_start
),

losses_by_month as (
    select
        {{ month_of('lost_on') }} as month_start,
        count(*) as customers_lost
    from {{ ref('int_account_losses') }}
    group by {{ month_of('lost_on') }}
),

deals_by_month as (
    select
        {{ month_of('closed_on') }} as month_start,
        count(*) as closed_deals,
        count(*) filter (where outcome = 'won') as won_deals
    from {{ ref('fct_opportunities') }}
    where closed_on is not null
    group by {{ month_of('closed_on') }}
),

leads_by_month as (
    select
        {{ month_of('created_on') }} as month_start,
        count(*) as leads,
        count(*) filter (where is_converted) as converted_leads
    from {{ ref('fct_leads') }}
    where not is_existing_customer
    group by {{ month_of('created_on') }}
),

month_counts as (
    select
        months.month_start,
        months.month_end,
        months.is_complete,
        coalesce(sales.net_amount, 0) as sales_amount,
        coalesce(returned.refund_amount, 0) as refund_amount,
        coalesce(sales.orders, 0) as orders,
        sessions.sessions,
        sessions.sessions_with_order,
        coalesce(customers.new_customers, 0) as new_customers,
        coalesce(customers.repeat_customers, 0) as repeat_customers,
        coalesce(losses.customers_lost, 0) as customers_lost,
        deals.won_deals,
        deals.closed_deals,
        leads.converted_leads,
        leads.leads
    from months
    left join sales_by_month as sales on months.month_start = sales.month_start
    left join returns_by_month as returned on months.month_start = returned.month_start
    left join sessions_by_month as sessions on months.month_start = sessions.month_start
    left join customers_by_month as customers on months.month_start = customers.month_start
    left join losses_by_month as losses on months.month_start = losses.month_start
    left join deals_by_month as deals on months.month_start = deals.month_start
    left join leads_by_month as leads on months.month_start = leads.month_start
),

-- metric, unit, numerator, denominator (none for amounts and counts), days until a month is ripe
{% set metrics = [
    ('revenue', 'currency', 'sales_amount - refund_amount', none, 0),
    ('orders', 'count', 'orders', none, 0),
    ('aov', 'currency', 'sales_amount', 'orders', 0),
    ('session_conversion_rate', 'rate', 'sessions_with_order', 'sessions', 0),
    ('new_customers', 'count', 'new_customers', none, 0),
    ('repeat_customers', 'count', 'repeat_customers', none, 0),
    ('customers_lost', 'count', 'customers_lost', none, 0),
    ('win_rate', 'rate', 'won_deals', 'closed_deals', 0),
    ('lead_conversion_rate', 'rate', 'converted_leads', 'leads', var('lead_conversion_days')),
] %}
metric_values as (
    {% for metric, unit, numerator, denominator, ripe_days in metrics %}
    select
        month_counts.month_start,
        '{{ metric }}' as metric,
        {{ loop.index }} as metric_position,
        '{{ unit }}' as unit,
        cast({{ numerator }} as decimal(18, 4)) as numerator,
        cast({{ denominator or 'null' }} as decimal(18, 4)) as denominator,
        {% if denominator -%}
        {{ ratio(numerator, denominator) }} as value,
        {%- else -%}
        cast({{ numerator }} as double) as value,
        {%- endif %}
        month_counts.is_complete
        and {{ dbt.dateadd('day', ripe_days, 'month_counts.month_end') }} <= as_of.as_of_on as is_complete_period
    from month_counts
    cross join as_of
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

metric_values_with_previous as (
    select
        *,
        lag(value) over (partition by metric order by month_start) as previous_month_value,
        lag(is_complete_period) over (partition by metric order by month_start) as is_previous_complete
    from metric_values
),

metric_changes as (
    select
        *,
        previous_month_value as previous_value,
        case
            when is_complete_period and is_previous_complete then value - previous_month_value
        end as change_amount,
        case
            when is_complete_period and is_previous_complete
                then {{ ratio('value - previous_month_value', 'abs(previous_month_value)') }}
        end as change_rate
    from metric_values_with_previous
)

select
    month_start,
    metric,
    metric_position,
    unit,
    numerator,
    denominator,
    value,
    previous_value,
    change_amount,
    change_rate,
    case
        when change_rate >= {{ var('trend_threshold') }} then '↑'
        when change_rate <= -{{ var('trend_threshold') }} then '↓'
        when change_rate is not null then '→'
    end as trend,
    is_complete_period
from metric_changes
