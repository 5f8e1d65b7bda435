-- Which invoices should finance chase first, and who is the rep to talk to?
-- Overdue or large, the largest first. Disputed ones need an answer before a reminder.
select
    account_name,
    reps.rep_name as owner,
    invoice_id,
    round(open_amount, 2) as open_amount,
    past_due_days,
    is_disputed,
    reason
from {{ ref('kpi_open_invoices') }} as invoices
left join {{ ref('dim_sales_rep') }} as reps
    on invoices.owner_rep_id = reps.rep_id
where is_overdue or is_large
order by open_amount desc, invoice_id asc
limit 20
