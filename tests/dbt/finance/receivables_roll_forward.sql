-- What a month opens with is what the month before closed with.
select *
from (
    select
        opening_amount,
        coalesce(lag(closing_amount) over (partition by company_size order by month_start), 0) as closed_before
    from {{ ref('kpi_receivables') }}
) as months
where opening_amount is distinct from closed_before
