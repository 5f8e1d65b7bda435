-- Grain: one row per customer, and per account that has only returned. Key: account_id. Amounts and shares are
-- additive over accounts, scores, ranks and classes are not. As of the last day of data. To date: lifetime revenue
-- and margin. Over the last rfm_months: recency, frequency and monetary value. Over the last 12 months: share, rank
-- and ABC class of net sales. A row without order in the RFM window has no scores.
with daily_sales as (
    select
        sales.*,
        as_of.as_of_on,
        case when sales.orders > 0 then sales.active_on end as ordered_on,
        {{ is_in_last_12_months('sales.active_on') }} as is_in_last_12_months,
        sales.active_on > {{ dbt.dateadd('month', -var('rfm_months'), 'as_of.as_of_on') }} as is_in_rfm_months
    from {{ ref('int_account_daily_sales') }} as sales
    cross join {{ ref('int_as_of') }} as as_of
),

account_sales as (
    select
        account_id,
        sum(orders) as orders,
        sum(net_sales_amount) as net_sales_amount,
        sum(net_sales_with_cost_amount) as net_sales_with_cost_amount,
        sum(cost_amount) as cost_amount,
        coalesce(sum(net_sales_amount) filter (where is_in_last_12_months), 0) as net_sales_12m_amount,
        coalesce(sum(orders) filter (where is_in_rfm_months), 0) as rfm_orders,
        coalesce(sum(net_sales_amount) filter (where is_in_rfm_months), 0) as rfm_net_sales_amount,
        {{ dbt.datediff('max(ordered_on)', 'as_of_on', 'day') }} as recency_days
    from daily_sales
    group by account_id, as_of_on
),

rfm_values as (
    select
        account_id,
        cast(recency_days as double) as recency,
        cast(rfm_orders as double) as frequency,
        cast(rfm_net_sales_amount as double) as monetary
    from account_sales
    where rfm_orders > 0
),

rfm_limits as (
    select
        {% for percent in [20, 40, 60, 80] -%}
        percentile_cont({{ percent / 100 }}) within group (order by recency) as recency_{{ percent }},
        percentile_cont({{ percent / 100 }}) within group (order by frequency) as frequency_{{ percent }},
        percentile_cont({{ percent / 100 }}) within group (order by monetary) as monetary_{{ percent }},
        {% endfor -%}
        count(*) as customers
    from rfm_values
),

account_scores as (
    select
        rfm.account_id,
        {% for measure in ['recency', 'frequency', 'monetary'] -%}
        cast(rfm.{{ measure }} > limits.{{ measure }}_20 as integer)
        + cast(rfm.{{ measure }} > limits.{{ measure }}_40 as integer)
        + cast(rfm.{{ measure }} > limits.{{ measure }}_60 as integer)
        + cast(rfm.{{ measure }} > limits.{{ measure }}_80 as integer) as {{ measure }}_limits_exceeded,
        {% endfor -%}
        rfm.monetary <= 0 as is_net_returner
    from rfm_values as rfm
    cross join rfm_limits as limits
),

scores as (
    select
        account_id,
        5 - recency_limits_exceeded as recency_score,
        1 + frequency_limits_exceeded as frequency_score,
        -- who returned as much as it bought is worth nothing, wherever the limits are
        case when is_net_returner then 1 else 1 + monetary_limits_exceeded end as monetary_score,
        is_net_returner
    from account_scores
),

shares as (
    select
        account_id,
        cast(net_sales_12m_amount as decimal(28, 4)) as positive_amount,
        cast(sum(net_sales_12m_amount) over () as decimal(28, 4)) as positive_total_amount,
        cast(sum(net_sales_12m_amount) over (
            order by net_sales_12m_amount desc, account_id asc
            rows between unbounded preceding and current row
        ) as decimal(28, 4)) as cumulative_amount,
        row_number() over (order by net_sales_12m_amount desc, account_id asc) as net_sales_rank
    from account_sales
    where net_sales_12m_amount > 0
)

select
    sales.account_id,
    accounts.account_name,
    coalesce(accounts.company_size, 'unknown') as company_size,
    coalesce(accounts.country_code, 'unknown') as country_code,
    -- who crosses a line belongs to the class below it
    case
        when shares.account_id is null then 'none'
        when shares.cumulative_amount * 100 <= shares.positive_total_amount * 80 then 'A'
        when shares.cumulative_amount * 100 <= shares.positive_total_amount * 95 then 'B'
        else 'C'
    end as abc_class,
    cast(sales.orders as bigint) as orders,
    sales.recency_days,
    cast(sales.rfm_orders as bigint) as rfm_orders,
    scores.recency_score,
    scores.frequency_score,
    scores.monetary_score,
    100 * scores.recency_score + 10 * scores.frequency_score + scores.monetary_score as rfm_score,
    shares.net_sales_rank,
    cast(sales.net_sales_amount as decimal(18, 4)) as clv_revenue_amount,
    cast(sales.net_sales_with_cost_amount - sales.cost_amount as decimal(18, 4)) as clv_margin_amount,
    cast(sales.net_sales_with_cost_amount as decimal(18, 4)) as net_sales_with_cost_amount,
    cast(sales.rfm_net_sales_amount as decimal(18, 4)) as rfm_net_sales_amount,
    cast(sales.net_sales_12m_amount as decimal(18, 4)) as net_sales_12m_amount,
    {{ ratio('shares.positive_amount', 'shares.positive_total_amount') }} as net_sales_share_rate,
    {{ ratio('shares.cumulative_amount', 'shares.positive_total_amount') }} as cumulative_share_rate,
    coalesce(scores.is_net_returner, false) as is_net_returner,
    accounts.is_guest,
    accounts.first_ordered_on,
    accounts.last_ordered_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from account_sales as sales
inner join {{ ref('dim_account') }} as accounts
    on sales.account_id = accounts.account_id
left join scores
    on sales.account_id = scores.account_id
left join shares
    on sales.account_id = shares.account_id
