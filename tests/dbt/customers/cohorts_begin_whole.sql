-- In its own month every customer of a cohort has ordered, and later months never have more than the whole cohort.
select
    cohort_month,
    months_since,
    cohort_customers,
    retained_customers
from {{ ref('kpi_cohort_retention') }}
where
    (months_since = 0 and retained_customers is distinct from cohort_customers)
    or (retained_customers <= cohort_customers) is distinct from true
