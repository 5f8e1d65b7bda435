-- Grain: one row per measure, calendar month and segment. Key: measure, month_start, segment. Additive over months
-- and segments, customers at the start of a month excepted. What the headline metrics are made of, each at its own
-- clock (docs/metrics.md). The segment is the size of the company on the day of the event.
with months as (
    select * from {{ ref('int_months') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

periods as (
    select
        account_period_id,
        account_id,
        coalesce(company_size, 'unknown') as segment,
        valid_from,
        valid_until
    from {{ ref('dim_account_history') }}
),

-- A company that changed its size within a month counts once, in the segment it last ordered in.
customer_months as (
    select
        order_days.account_id,
        {{ month_of('order_days.ordered_on') }} as month_start,
        max_by(periods.segment, order_days.ordered_on) as segment,
        bool_or(order_days.order_day_number = 1) as is_new,
        bool_or(order_days.order_day_number > 1) as is_repeat
    from {{ ref('int_account_order_days') }} as order_days
    inner join periods
        on
            order_days.account_id = periods.account_id
            and order_days.ordered_on >= periods.valid_from
            and order_days.ordered_on < periods.valid_until
    group by order_days.account_id, {{ month_of('order_days.ordered_on') }}
),

first_orders as (
    select
        account_id,
        min(ordered_on) as first_ordered_on
    from {{ ref('int_account_order_days') }}
    group by account_id
),

-- Customers when the month began: they had ordered before, and had not been lost, or had been won back.
customers_at_start as (
    select
        months.month_start,
        periods.segment,
        count(*) as customers
    from months
    inner join first_orders
        on months.month_start > first_orders.first_ordered_on
    inner join periods
        on
            first_orders.account_id = periods.account_id
            and months.month_start >= periods.valid_from
            and months.month_start < periods.valid_until
    left join {{ ref('int_account_losses') }} as losses
        on
            first_orders.account_id = losses.account_id
            and months.month_start > losses.lost_on
            and (losses.won_back_on is null or months.month_start <= losses.won_back_on)
    where losses.account_id is null
    group by months.month_start, periods.segment
),

-- A quote is ripe when nothing can turn it into an order any more.
quotes as (
    select
        quotes.*,
        quotes.is_converted
        or quotes.outcome = 'declined'
        or coalesce(
            {{ dbt.dateadd('day', var('quote_grace_days'), 'quotes.expires_on') }} < as_of.as_of_on, false
        ) as is_ripe
    from {{ ref('fct_quotes') }} as quotes
    cross join as_of
    where quotes.is_valid
),

measures_by_segment as (
    {{ board_measures(
        {'sales_amount': 'sum(facts.net_amount)', 'orders': 'count(*)'},
        'ordered_on', ref('fct_orders'), 'facts.is_valid'
    ) }}
    {{ board_measures(
        {
            'sales_with_cost_amount': 'sum(facts.net_amount)',
            'cost_amount': 'sum(facts.cost_amount)',
        },
        'ordered_on', ref('fct_order_lines'), 'facts.is_valid and facts.cost_amount is not null'
    ) }}
    {{ board_measures(
        {
            'refund_amount': 'sum(facts.refund_amount)',
            'refund_with_cost_amount':
                'sum(case when facts.cost_amount is not null then facts.refund_amount else 0 end)',
            'cost_taken_back_amount': 'sum(coalesce(facts.cost_amount, 0))',
        },
        'returned_on', ref('fct_returns'), 'facts.is_valid'
    ) }}
    {{ board_measures(
        {
            'sessions': 'count(*)',
            'sessions_with_order': 'count(*) filter (where facts.has_order)',
        },
        'started_on', ref('fct_sessions'), 'facts.is_valid',
        segment="case when facts.account_id is null then 'anonymous' else coalesce(periods.segment, 'unknown') end"
    ) }}
    {{ board_measures(
        {'decided_deals': 'count(*)', 'won_deals': "count(*) filter (where facts.outcome = 'won')"},
        'closed_on', ref('fct_opportunities'), 'facts.is_valid and facts.closed_on is not null'
    ) }}
    {{ board_measures(
        {'leads': 'count(*)', 'converted_leads': 'count(*) filter (where facts.is_converted)'},
        'created_on', ref('fct_leads'), 'facts.is_valid and not facts.is_existing_customer'
    ) }}
    {{ board_measures(
        {
            'quotes': 'count(*)',
            'converted_quotes': 'count(*) filter (where facts.is_converted)',
            'unripe_quotes': 'count(*) filter (where not facts.is_ripe)',
        },
        'requested_on', 'quotes', 'true'
    ) }}
    {{ board_measures(
        {'lines_due': 'count(*)', 'lines_on_time': 'count(*) filter (where facts.is_on_time)'},
        'promised_on', ref('int_order_lines_fulfilled'), 'facts.is_due'
    ) }}
    {{ board_measures(
        {
            'nps_answers': 'count(*)',
            'nps_points': '100 * (count(*) filter (where facts.score >= 9) - count(*) filter (where facts.score <= 6))',
            'nps_opinions': 'count(*) filter (where facts.score >= 9 or facts.score <= 6)',
        },
        'responded_on', ref('fct_survey_responses'), "facts.is_counted and facts.survey_type = 'nps'"
    ) }}
    select
        'new_customers' as measure,
        month_start,
        segment,
        count(*) filter (where is_new) as amount
    from customer_months
    group by month_start, segment
    union all
    select
        'repeat_customers' as measure,
        month_start,
        segment,
        count(*) filter (where is_repeat) as amount
    from customer_months
    group by month_start, segment
    union all
    select
        'customers_at_start' as measure,
        month_start,
        segment,
        customers as amount
    from customers_at_start
    union all
    select
        'customers_lost' as measure,
        {{ month_of('losses.lost_on') }} as month_start,
        periods.segment,
        count(*) as amount
    from {{ ref('int_account_losses') }} as losses
    inner join periods
        on
            losses.account_id = periods.account_id
            and losses.lost_on >= periods.valid_from
            and losses.lost_on < periods.valid_until
    group by {{ month_of('losses.lost_on') }}, periods.segment
)

select
    measure,
    month_start,
    segment,
    cast(amount as decimal(18, 4)) as amount
from measures_by_segment
