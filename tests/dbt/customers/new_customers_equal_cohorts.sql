-- New customers on the board are the cohorts of their months.
with board as (
    select
        month_start,
        numerator as new_customers
    from {{ ref('kpi_board') }}
    where metric = 'new_customers'
),

cohorts as (
    select
        cohort_month,
        cohort_customers
    from {{ ref('kpi_cohort_retention') }}
    where months_since = 0
)

select
    board.month_start,
    board.new_customers,
    cohorts.cohort_customers
from board
full join cohorts
    on board.month_start = cohorts.cohort_month
where coalesce(board.new_customers, -1) is distinct from coalesce(cohorts.cohort_customers, 0)
