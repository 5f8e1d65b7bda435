-- Grain: one row per month and rep who ever sold, quoted, dealt, had a quota or a contact, months without any
-- included; rep_id = unknown for what names none. Key: month_start, rep_id. Additive, except rates, averages and the
-- columns of twelve months. Clocks, one a group of columns: sales ordered_on and returns returned_on; quotes
-- requested_on (cohort, see kpi_quote_funnel); deals closed_on; activities occurred_on. Sales without prefix are
-- those of orders that name the rep; owned_ are those of the accounts that were the rep's on the day, by whatever
-- channel, and the quota, one of a whole month, is compared with these once the month is complete. Price depth: how
-- far the prices agreed lie below the catalog's, before discounts of lines and orders; a deep discounter's lies
-- deep_discount_gap below the median of the other reps, over the twelve months up to the month.
with months as (
    select * from {{ ref('int_months') }}
),

sales as (
    select
        {{ month_of('sold_on') }} as month_start,
        rep_id,
        {% for column in ['orders', 'gross_amount', 'discount_amount', 'agreed_amount', 'sales_amount',
            'returns_amount', 'costed_amount', 'cost_amount'] -%}
        sum({{ column }}) filter (where role = 'booked') as {{ column }},
        {% endfor -%}
        sum(orders) filter (where role = 'owned') as owned_orders,
        sum(sales_amount - returns_amount) filter (where role = 'owned') as owned_net_sales_amount
    from {{ ref('int_rep_sales') }}
    group by {{ month_of('sold_on') }}, rep_id
),

quotes as (
    select
        {{ month_of('requested_on') }} as month_start,
        rep_id,
        count(*) as requested_quotes,
        count(*) filter (where result = 'converted') as converted_quotes,
        sum(base_amount) filter (where negotiated_amount is not null) as quotes_base_amount,
        sum(negotiated_amount) filter (where base_amount is not null) as quotes_negotiated_amount
    from {{ ref('int_quotes_resolved') }}
    where is_valid
    group by {{ month_of('requested_on') }}, rep_id
),

deals as (
    select
        month_start,
        member as rep_id,
        won_deals,
        lost_deals,
        decided_deals,
        won_amount
    from {{ ref('kpi_win_rate') }}
    where dimension = 'rep'
),

activities as (
    select
        {{ month_of('occurred_on') }} as month_start,
        coalesce(rep_id, 'unknown') as rep_id,
        count(*) as activities
    from {{ ref('fct_activities') }}
    where is_valid
    group by {{ month_of('occurred_on') }}, coalesce(rep_id, 'unknown')
),

quotas as (
    select
        quota_month as month_start,
        rep_id,
        quota_amount
    from {{ ref('int_rep_quotas_monthly') }}
),

reps as (
    {% for name in ['sales', 'quotes', 'deals', 'activities', 'quotas'] -%}
    select rep_id from {{ name }}
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

{% set counts = [
    'orders', 'owned_orders', 'requested_quotes', 'converted_quotes', 'won_deals', 'lost_deals', 'decided_deals',
    'activities',
] -%}
{% set amounts = [
    'gross_amount', 'discount_amount', 'agreed_amount', 'sales_amount', 'returns_amount', 'costed_amount',
    'cost_amount', 'owned_net_sales_amount', 'quotes_base_amount', 'quotes_negotiated_amount', 'won_amount',
] -%}
cells as (
    select
        months.month_start,
        months.is_complete,
        reps.rep_id,
        {% for name in counts -%}
        cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
        {% endfor -%}
        {% for name in amounts -%}
        cast(coalesce({{ name }}, 0) as decimal(18, 4)) as {{ name }},
        {% endfor -%}
        cast(quotas.quota_amount as decimal(18, 4)) as quota_amount
    from months
    cross join reps
    {% for name in ['sales', 'quotes', 'deals', 'activities', 'quotas'] -%}
    left join {{ name }}
        on
            months.month_start = {{ name }}.month_start
            and reps.rep_id = {{ name }}.rep_id
    {% endfor -%}
),

cells_with_year as (
    select
        *,
        sum(gross_amount) over twelve_months as gross_amount_12m,
        sum(agreed_amount) over twelve_months as agreed_amount_12m,
        sum(orders) over twelve_months as orders_12m
    from cells
    window twelve_months as (partition by rep_id order by month_start rows between 11 preceding and current row)
),

depths as (
    select
        *,
        case
            when rep_id <> 'unknown' then 1 - {{ ratio('agreed_amount_12m', 'gross_amount_12m') }}
        end as price_depth_12m_rate
    from cells_with_year
),

depths_of_others as (
    select
        depths.month_start,
        depths.rep_id,
        median(others.price_depth_12m_rate) as others_price_depth_12m_rate
    from depths
    inner join depths as others
        on
            depths.month_start = others.month_start
            and depths.rep_id <> others.rep_id
    group by depths.month_start, depths.rep_id
)

select
    depths.month_start,
    depths.rep_id,
    coalesce(reps.rep_name, depths.rep_id) as rep_name,
    coalesce(reps.team, 'unknown') as team,
    depths.orders,
    depths.gross_amount as gross_sales_amount,
    depths.discount_amount,
    depths.sales_amount,
    depths.returns_amount,
    cast(depths.sales_amount - depths.returns_amount as decimal(18, 4)) as net_sales_amount,
    depths.costed_amount as costed_net_sales_amount,
    cast(depths.costed_amount - depths.cost_amount as decimal(18, 4)) as margin_amount,
    case
        when depths.costed_amount > 0
            then {{ ratio('depths.costed_amount - depths.cost_amount', 'depths.costed_amount') }}
    end as margin_rate,
    case
        when depths.sales_amount > depths.returns_amount
            then {{ ratio('depths.costed_amount', 'depths.sales_amount - depths.returns_amount') }}
    end as cost_covered_ratio,
    {{ ratio('depths.discount_amount', 'depths.gross_amount') }} as discount_rate,
    depths.agreed_amount,
    1 - {{ ratio('depths.agreed_amount', 'depths.gross_amount') }} as price_depth_rate,
    cast(depths.orders_12m as bigint) as orders_12m,
    depths.price_depth_12m_rate,
    depths_of_others.others_price_depth_12m_rate,
    coalesce(
        depths.price_depth_12m_rate - depths_of_others.others_price_depth_12m_rate >= {{ var('deep_discount_gap') }}
        and {{ is_reportable('depths.orders_12m') }},
        false
    ) as is_deep_discounter,
    depths.owned_orders,
    depths.owned_net_sales_amount,
    depths.quota_amount,
    case
        when depths.is_complete then {{ ratio('depths.owned_net_sales_amount', 'depths.quota_amount') }}
    end as quota_attainment_ratio,
    case
        when depths.is_complete then {{ ratio('depths.sales_amount - depths.returns_amount', 'depths.quota_amount') }}
    end as booked_quota_attainment_ratio,
    depths.requested_quotes,
    depths.converted_quotes,
    {{ ratio('depths.converted_quotes', 'depths.requested_quotes') }} as quote_to_order_rate,
    {{ wilson_bounds('depths.converted_quotes', 'depths.requested_quotes', 'quote_to_order_rate') }},
    {{ is_reportable('depths.requested_quotes') }} as is_quote_to_order_rate_reportable,
    depths.quotes_base_amount,
    depths.quotes_negotiated_amount,
    1 - {{ ratio('depths.quotes_negotiated_amount', 'depths.quotes_base_amount') }} as quote_discount_depth_rate,
    depths.won_deals,
    depths.lost_deals,
    depths.won_amount,
    {{ ratio('depths.won_deals', 'depths.decided_deals') }} as win_rate,
    {{ wilson_bounds('depths.won_deals', 'depths.decided_deals', 'win_rate') }},
    {{ is_reportable('depths.decided_deals') }} as is_win_rate_reportable,
    {{ ratio('depths.won_amount', 'depths.won_deals') }} as average_won_amount,
    depths.activities,
    {{ is_reportable('depths.orders') }} as is_reportable,
    depths.is_complete as is_complete_period
from depths
left join depths_of_others
    on
        depths.month_start = depths_of_others.month_start
        and depths.rep_id = depths_of_others.rep_id
left join {{ ref('dim_sales_rep') }} as reps
    on depths.rep_id = reps.rep_id
