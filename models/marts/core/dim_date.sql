-- Grain: one row per calendar day. Key: date_day. From the first to the last day that any fact names, and never less
-- than the months from the first data to as_of, so that no fact falls off the calendar.
{% set clocks = {
    'orders': ['ordered_at'], 'order_lines': ['promised_on'], 'returns': ['returned_at'],
    'shipments': ['shipped_at', 'delivered_at'], 'invoices': ['issued_on', 'due_on'], 'payments': ['paid_on'],
    'quotes': ['requested_at', 'expires_on'], 'leads': ['created_at'], 'activities': ['occurred_at'],
    'opportunities': ['created_at', 'closed_at', 'expected_close_on'], 'opportunity_stages': ['entered_at'],
    'quote_events': ['occurred_at'], 'web_events': ['occurred_at'], 'email_events': ['occurred_at'],
    'ad_spend': ['spent_on'], 'inventory_snapshots': ['snapshot_on'], 'inquiries': ['created_at'],
    'survey_responses': ['sent_at', 'responded_at'],
} %}
with days_of_facts as (
    {% for entity, columns in clocks.items() -%}
    {% for column in columns -%}
    select
        {{ local_date('min(' ~ column ~ ')') if column.endswith('_at') else 'min(' ~ column ~ ')' }} as first_day,
        {{ local_date('max(' ~ column ~ ')') if column.endswith('_at') else 'max(' ~ column ~ ')' }} as last_day
    from {{ ref(entity) }}
    union all
    {% endfor -%}
    {% endfor -%}
    select
        min(month_start) as first_day,
        max(month_end) as last_day
    from {{ ref('int_months') }}
    union all
    -- terms make the due day of an invoice that names none
    select
        min(due_on) as first_day,
        max(due_on) as last_day
    from {{ ref('fct_invoices') }}
),

bounds as (
    select
        {{ month_of('min(first_day)') }} as first_day,
        {{ dbt.last_day('max(last_day)', 'month') }} as last_day
    from days_of_facts
),

days as (
    select cast({{ dbt.dateadd('day', 'numbers.day_number', 'bounds.first_day') }} as date) as date_day
    from bounds
    -- 1990 to 2100, what plausible_from and plausible_until let through at most
    inner join range(40543) as numbers (day_number)
        on {{ dbt.dateadd('day', 'numbers.day_number', 'bounds.first_day') }} <= bounds.last_day
)

select
    days.date_day,
    {{ month_of('days.date_day') }} as month_start,
    cast({{ dbt.date_trunc('quarter', 'days.date_day') }} as date) as quarter_start,
    cast({{ dbt.date_trunc('year', 'days.date_day') }} as date) as year_start,
    cast({{ iso_weekday('days.date_day') }} as integer) as iso_weekday,
    {{ iso_weekday('days.date_day') }} >= 6 as is_weekend,
    coalesce(months.is_complete, false) as is_complete_month
from days
left join {{ ref('int_months') }} as months
    on {{ month_of('days.date_day') }} = months.month_start
