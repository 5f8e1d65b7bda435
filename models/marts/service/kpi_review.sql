-- Grain: one row per period: each month, zero-filled, and all complete months together (period = all). Key: period.
-- Additive over months, except the mean and the share; never add all to them. Clock: the local day of the review.
-- Reviews of testers and staff, and those after as_of, are out. By item: the marts of products.
with {{ periods_and_their_months(ref('int_months')) }},

reviews as (
    select
        {{ month_of(local_date('reviews.reviewed_at')) }} as month_start,
        reviews.score
    from {{ ref('reviews') }} as reviews
    {{ join_account_and_as_of('reviews.account_id', 'reviews.contact_id') }}
    where {{ counts_on(local_date('reviews.reviewed_at')) }}
),

review_sums as (
    select
        period_months.period,
        count(*) as reviews,
        sum(reviews.score) as score_total,
        count(*) filter (where reviews.score >= 4) as good_reviews
    from reviews
    inner join period_months
        on reviews.month_start = period_months.month_start
    group by period_months.period
)

select
    periods.period,
    periods.month_start,
    coalesce(review_sums.reviews, 0) as reviews,
    cast(coalesce(review_sums.score_total, 0) as bigint) as score_total,
    coalesce(review_sums.good_reviews, 0) as good_reviews,
    {{ ratio('review_sums.score_total', 'review_sums.reviews') }} as mean_score,
    {{ ratio('review_sums.good_reviews', 'review_sums.reviews') }} as good_review_rate,
    {{ wilson_bound('review_sums.good_reviews', 'review_sums.reviews', 'low') }} as good_review_rate_low,
    {{ wilson_bound('review_sums.good_reviews', 'review_sums.reviews', 'high') }} as good_review_rate_high,
    {{ is_reportable('review_sums.reviews') }} as is_reportable,
    periods.is_complete as is_complete_period
from periods
left join review_sums
    on periods.period = review_sums.period
