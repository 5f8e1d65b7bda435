-- Which invoices should finance chase first, and who is the rep to talk to?
-- Past due, the largest first. Disputed ones come last: they need an answer before a reminder. Large invoices that are
-- not due yet are in kpi_open_invoices, and are no case for a reminder.
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
where is_overdue
order by is_disputed asc, open_amount desc, invoice_id asc
limit 20
