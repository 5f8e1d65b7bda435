-- Grain: one row per month of issue and payment terms, for every month of the calendar and all terms that occur. Key:
-- month_start, payment_terms. Counts and amounts are additive; rates and medians are not. Clock: the day of issue,
-- also for punctuality: of the invoices issued in the month those that are due by as_of. kpi_receivables counts the
-- same by due day. Credit notes and invoices of testers are out. Amounts with tax, at the rate of the day of issue.
with bounds as (
    select min(month_start) as first_month
    from {{ ref('int_months') }}
),

invoices as (
    select
        greatest({{ month_of('invoices.issued_on') }}, bounds.first_month) as month_start,
        invoices.payment_terms_days,
        coalesce(cast(invoices.payment_terms_days as varchar) || ' days', 'unknown') as payment_terms,
        invoices.amount,
        invoices.due_on <= as_of.as_of_on as is_due,
        coalesce(invoices.settled_on <= invoices.due_on, false) as is_on_time,
        invoices.days_late,
        -- paid before it was issued is paid at once
        greatest({{ dbt.datediff('invoices.issued_on', 'invoices.settled_on', 'day') }}, 0) as days_to_pay,
        invoices.settled_on
    from {{ ref('fct_invoices') }} as invoices
    cross join {{ ref('int_as_of') }} as as_of
    cross join bounds
    where
        invoices.is_valid
        and invoices.amount > 0
),

terms as (
    select
        payment_terms,
        payment_terms_days
    from invoices
    group by payment_terms, payment_terms_days
),

invoices_by_month as (
    select
        month_start,
        payment_terms,
        count(*) as invoices,
        sum(amount) as invoiced_amount,
        count(*) filter (where is_due) as invoices_due,
        count(*) filter (where is_due and is_on_time) as on_time_invoices,
        count(settled_on) as settled_invoices,
        sum(days_late) filter (where is_due) as late_days,
        median(cast(days_to_pay as double)) filter (where settled_on is not null) as days_to_pay_median
    from invoices
    group by month_start, payment_terms
),

month_cells as (
    select
        months.month_start,
        months.is_complete,
        terms.payment_terms,
        terms.payment_terms_days,
        coalesce(invoices.invoices, 0) as invoices,
        coalesce(invoices.invoiced_amount, 0) as invoiced_amount,
        coalesce(invoices.invoices_due, 0) as invoices_due,
        coalesce(invoices.on_time_invoices, 0) as on_time_invoices,
        coalesce(invoices.settled_invoices, 0) as settled_invoices,
        coalesce(invoices.late_days, 0) as late_days,
        invoices.days_to_pay_median,
        sum(coalesce(invoices.invoices, 0)) over (partition by months.month_start) as month_invoices,
        sum(coalesce(invoices.invoiced_amount, 0)) over (partition by months.month_start) as month_invoiced_amount
    from {{ ref('int_months') }} as months
    cross join terms
    left join invoices_by_month as invoices
        on
            months.month_start = invoices.month_start
            and terms.payment_terms = invoices.payment_terms
)

select
    month_start,
    payment_terms,
    payment_terms_days,
    invoices,
    cast(month_invoices as bigint) as month_invoices,
    cast(invoiced_amount as decimal(18, 4)) as invoiced_amount,
    cast(month_invoiced_amount as decimal(18, 4)) as month_invoiced_amount,
    {{ ratio('invoices', 'month_invoices') }} as invoice_share_rate,
    {{ wilson_bounds('invoices', 'month_invoices', 'invoice_share_rate') }},
    {{ is_reportable('month_invoices') }} as is_invoice_share_rate_reportable,
    {{ ratio('invoiced_amount', 'month_invoiced_amount') }} as amount_share_rate,
    invoices_due,
    on_time_invoices,
    settled_invoices,
    cast(late_days as bigint) as late_days,
    {{ ratio('on_time_invoices', 'invoices_due') }} as on_time_payment_rate,
    {{ wilson_bounds('on_time_invoices', 'invoices_due', 'on_time_payment_rate') }},
    {{ ratio('late_days', 'invoices_due') }} as average_late_days,
    days_to_pay_median,
    {{ is_reportable('invoices_due') }} as is_reportable,
    is_complete as is_complete_period
from month_cells
