-- Grain: one row per month, zero-filled. Key: month_start. Additive, except the mean and the share. Clock: the local
-- day of the review. Reviews of testers and staff, and those after as_of, are out. By item: the marts of products.
with reviews as (
    select
        {{ month_of(local_date('reviews.reviewed_at')) }} as month_start,
        reviews.score
    from {{ ref('reviews') }} as reviews
    {{ join_account_and_as_of('reviews.account_id', 'reviews.contact_id') }}
    where {{ counts_on(local_date('reviews.reviewed_at')) }}
),

review_sums as (
    select
        month_start,
        count(*) as reviews,
        sum(score) as score_total,
        count(*) filter (where score >= 4) as good_reviews
    from reviews
    group by month_start
)

select
    months.month_start,
    coalesce(review_sums.reviews, 0) as reviews,
    cast(coalesce(review_sums.score_total, 0) as bigint) as score_total,
    coalesce(review_sums.good_reviews, 0) as good_reviews,
    {{ ratio('review_sums.score_total', 'review_sums.reviews') }} as mean_score,
    {{ ratio('review_sums.good_reviews', 'review_sums.reviews') }} as good_review_rate,
    {{ wilson_bound('review_sums.good_reviews', 'review_sums.reviews', 'low') }} as good_review_rate_low,
    {{ wilson_bound('review_sums.good_reviews', 'review_sums.reviews', 'high') }} as good_review_rate_high,
    {{ is_reportable('review_sums.reviews') }} as is_reportable,
    months.is_complete as is_complete_period
from {{ ref('int_months') }} as months
left join review_sums
    on months.month_start = review_sums.month_start
