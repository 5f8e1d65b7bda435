-- Scores of RFM run from 1 to 5 and follow what they are of: more orders and more money never score less, more days
-- since the last order never score more, and equals score alike.
{% set inputs = {
    'recency_score': '-recency_days',
    'frequency_score': 'rfm_orders',
    'monetary_score': 'rfm_net_sales_amount',
} %}
with scores as (
    {% for score, amount in inputs.items() %}
    select
        '{{ score }}' as score_name,
        cast({{ amount }} as decimal(18, 4)) as amount,
        min({{ score }}) as lowest_score,
        max({{ score }}) as highest_score
    from {{ ref('kpi_account_value') }}
    where {{ score }} is not null
    group by {{ amount }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

scores_with_lesser as (
    select
        *,
        lag(highest_score) over (partition by score_name order by amount) as score_of_lesser
    from scores
)

select *
from scores_with_lesser
where
    lowest_score < 1
    or highest_score > 5
    or lowest_score <> highest_score
    or score_of_lesser > lowest_score
