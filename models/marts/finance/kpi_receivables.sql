-- Grain: one row per calendar month and company size on the day of issue, for every size with an invoice or money not
-- applied. Key: month_start, company_size. Flows and counts are additive; balances are additive over sizes, not over
-- months; rates and DSO are neither. Clock: balances at stated_on, the month's end or as_of; flows on the day of
-- issue and of payment; punctuality by due day. Amounts with tax. Credit notes and money not applied stand in columns
-- of their own, not in the aging. Rules: int_receivables. dso_countback cannot be built up from parts: it is that of
-- the row.
with months as (
    select
        months.month_start,
        months.is_complete,
        least(months.month_end, as_of.as_of_on) as stated_on,
        {{ dbt.datediff('months.month_start', 'least(months.month_end, as_of.as_of_on)', 'day') }} + 1 as days,
        cast({{ dbt.dateadd('day', -var('dso_days'), 'least(months.month_end, as_of.as_of_on)') }} as date)
            as sales_after,
        as_of.data_starts_on
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

bounds as (
    select min(month_start) as first_month
    from months
),

invoices as (
    select
        invoices.invoice_id,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        invoices.amount,
        invoices.issued_on,
        invoices.due_on,
        invoices.settled_on,
        invoices.days_late,
        coalesce(orders.payment_method, '')
        not in ('{{ var("prepaid_payment_methods") | join("', '") }}') as is_credit_sale,
        as_of.as_of_on
    from {{ ref('fct_invoices') }} as invoices
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('fct_orders') }} as orders
        on invoices.order_id = orders.order_id
    left join {{ ref('dim_account_history') }} as account_periods
        on invoices.account_period_id = account_periods.account_period_id
    where
        invoices.is_valid
        and invoices.amount > 0
),

balances as (
    select
        receivables.month_start,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        count(*) filter (where receivables.aging_bucket is not null) as open_invoices,
        sum(receivables.opening_amount) as opening_amount,
        sum(receivables.invoiced_amount) as invoiced_amount,
        sum(receivables.paid_amount) as paid_amount,
        sum(receivables.settlement_difference_amount) as settlement_difference_amount,
        sum(receivables.exchange_difference_amount) as exchange_difference_amount,
        sum(receivables.closing_amount) as closing_amount,
        sum(receivables.closing_amount) filter (where receivables.aging_bucket is not null) as receivables_amount,
        {% for bucket in ['current', '1-30', '31-60', '61-90', 'over_90'] -%}
        sum(receivables.closing_amount) filter (where receivables.aging_bucket = '{{ bucket }}')
            as bucket_{{ bucket | replace('-', '_') }},
        {% endfor -%}
        sum(receivables.closing_amount) filter (where receivables.aging_bucket is null) as credit_notes_amount,
        sum(receivables.closing_amount) filter (where receivables.aging_bucket is not null and receivables.is_disputed)
            as disputed_amount,
        sum(receivables.overpaid_amount) as overpaid_amount
    from {{ ref('int_receivables') }} as receivables
    left join {{ ref('dim_account_history') }} as account_periods
        on receivables.account_period_id = account_periods.account_period_id
    group by receivables.month_start, coalesce(account_periods.company_size, 'unknown')
),

-- Money of no invoice, or of one that was not issued yet.
payments_ahead as (
    select
        payments.payment_id,
        payments.amount,
        payments.paid_on,
        coalesce(account_periods.company_size, 'unknown') as company_size,
        applied.issued_on
    from {{ ref('fct_payments') }} as payments
    left join {{ ref('int_payments_applied') }} as applied
        on payments.payment_id = applied.payment_id
    {{ join_account_period('coalesce(payments.account_id, applied.account_id)', 'payments.paid_on') }}
    where
        payments.is_valid
        -- of no invoice, applied has no row (DuckDB 2.0.0 cannot plan `is null or ...` here for some data)
        and coalesce(applied.issued_on > payments.paid_on, true)
),

not_applied as (
    select
        months.month_start,
        payments.company_size,
        sum(payments.amount) as amount
    from payments_ahead as payments
    inner join months
        on
            payments.paid_on <= months.stated_on
            and coalesce(payments.issued_on > months.stated_on, true)
    group by months.month_start, payments.company_size
),

sales as (
    select
        months.month_start,
        invoices.company_size,
        sum(invoices.amount) as amount
    from invoices
    inner join months
        on
            invoices.issued_on > months.sales_after
            and invoices.issued_on <= months.stated_on
    where invoices.is_credit_sale
    group by months.month_start, invoices.company_size
),

sales_by_month as (
    select
        {{ month_of('issued_on') }} as month_start,
        company_size,
        sum(amount) as amount
    from invoices
    where is_credit_sale
    group by {{ month_of('issued_on') }}, company_size
),

punctuality as (
    select
        greatest({{ month_of('invoices.due_on') }}, bounds.first_month) as month_start,
        invoices.company_size,
        count(*) as invoices_due,
        count(*) filter (where invoices.settled_on <= invoices.due_on) as on_time_invoices,
        sum(invoices.days_late) as late_days
    from invoices
    cross join bounds
    where invoices.due_on <= invoices.as_of_on
    group by greatest({{ month_of('invoices.due_on') }}, bounds.first_month), invoices.company_size
),

company_sizes as (
    select company_size from balances
    union
    select company_size from not_applied
),

-- Countback: the receivables are taken to be the sales of the latest months, so far as they reach.
cells as (
    select
        months.month_start,
        months.days,
        company_sizes.company_size,
        coalesce(balances.receivables_amount, 0) as receivables_amount,
        coalesce(sales_by_month.amount, 0) as sales_amount
    from months
    cross join company_sizes
    left join balances
        on
            months.month_start = balances.month_start
            and company_sizes.company_size = balances.company_size
    left join sales_by_month
        on
            months.month_start = sales_by_month.month_start
            and company_sizes.company_size = sales_by_month.company_size
),

countback_steps as (
    select
        cells.month_start,
        cells.company_size,
        cells.receivables_amount,
        earlier.days,
        earlier.sales_amount,
        coalesce(sum(earlier.sales_amount) over (
            partition by cells.month_start, cells.company_size
            order by earlier.month_start desc
            rows between unbounded preceding and 1 preceding
        ), 0) as later_sales_amount
    from cells
    inner join cells as earlier
        on
            cells.company_size = earlier.company_size
            and cells.month_start >= earlier.month_start
),

countback as (
    select
        month_start,
        company_size,
        sum(
            case
                when receivables_amount - later_sales_amount >= sales_amount then cast(days as double)
                else days * {{ ratio('receivables_amount - later_sales_amount', 'sales_amount') }}
            end
        ) as days,
        -- more is owed than all sales on record: nobody knows how old it is
        max(later_sales_amount + sales_amount) >= max(receivables_amount) as is_known
    from countback_steps
    where receivables_amount > later_sales_amount
    group by month_start, company_size
),

month_counts as (
    select
        months.month_start,
        months.stated_on,
        months.is_complete,
        months.data_starts_on <= {{ dbt.dateadd('day', 1, 'months.sales_after') }} as has_full_window,
        company_sizes.company_size,
        coalesce(balances.open_invoices, 0) as open_invoices,
        coalesce(balances.opening_amount, 0) as opening_amount,
        coalesce(balances.invoiced_amount, 0) as invoiced_amount,
        coalesce(balances.paid_amount, 0) as paid_amount,
        coalesce(balances.settlement_difference_amount, 0) as settlement_difference_amount,
        coalesce(balances.exchange_difference_amount, 0) as exchange_difference_amount,
        coalesce(balances.closing_amount, 0) as closing_amount,
        coalesce(balances.receivables_amount, 0) as receivables_amount,
        coalesce(balances.bucket_current, 0) as current_amount,
        coalesce(balances.bucket_1_30, 0) as past_due_1_30_amount,
        coalesce(balances.bucket_31_60, 0) as past_due_31_60_amount,
        coalesce(balances.bucket_61_90, 0) as past_due_61_90_amount,
        coalesce(balances.bucket_over_90, 0) as past_due_over_90_amount,
        coalesce(balances.credit_notes_amount, 0) as credit_notes_amount,
        coalesce(balances.disputed_amount, 0) as disputed_amount,
        coalesce(balances.overpaid_amount, 0) + coalesce(not_applied.amount, 0) as not_applied_amount,
        coalesce(sales.amount, 0) as credit_sales_amount,
        coalesce(punctuality.invoices_due, 0) as invoices_due,
        coalesce(punctuality.on_time_invoices, 0) as on_time_invoices,
        coalesce(punctuality.late_days, 0) as late_days,
        case
            when coalesce(balances.receivables_amount, 0) = 0 then cast(0 as double)
            when countback.is_known then countback.days
        end as countback_days
    from months
    cross join company_sizes
    left join balances
        on
            months.month_start = balances.month_start
            and company_sizes.company_size = balances.company_size
    left join not_applied
        on
            months.month_start = not_applied.month_start
            and company_sizes.company_size = not_applied.company_size
    left join sales
        on
            months.month_start = sales.month_start
            and company_sizes.company_size = sales.company_size
    left join punctuality
        on
            months.month_start = punctuality.month_start
            and company_sizes.company_size = punctuality.company_size
    left join countback
        on
            months.month_start = countback.month_start
            and company_sizes.company_size = countback.company_size
)

select
    month_start,
    company_size,
    stated_on,
    open_invoices,
    cast(opening_amount as decimal(18, 4)) as opening_amount,
    cast(invoiced_amount as decimal(18, 4)) as invoiced_amount,
    cast(paid_amount as decimal(18, 4)) as paid_amount,
    cast(settlement_difference_amount as decimal(18, 4)) as settlement_difference_amount,
    cast(exchange_difference_amount as decimal(18, 4)) as exchange_difference_amount,
    cast(closing_amount as decimal(18, 4)) as closing_amount,
    cast(receivables_amount as decimal(18, 4)) as receivables_amount,
    cast(current_amount as decimal(18, 4)) as current_amount,
    cast(past_due_1_30_amount as decimal(18, 4)) as past_due_1_30_amount,
    cast(past_due_31_60_amount as decimal(18, 4)) as past_due_31_60_amount,
    cast(past_due_61_90_amount as decimal(18, 4)) as past_due_61_90_amount,
    cast(past_due_over_90_amount as decimal(18, 4)) as past_due_over_90_amount,
    cast(receivables_amount - current_amount as decimal(18, 4)) as overdue_amount,
    cast(disputed_amount as decimal(18, 4)) as disputed_amount,
    cast(credit_notes_amount as decimal(18, 4)) as credit_notes_amount,
    cast(not_applied_amount as decimal(18, 4)) as not_applied_amount,
    cast(case when has_full_window then credit_sales_amount end as decimal(18, 4)) as credit_sales_amount,
    {{ ratio('receivables_amount - current_amount', 'receivables_amount') }} as overdue_rate,
    case
        when has_full_window
            then {{ days_sales_outstanding('receivables_amount', 'credit_sales_amount', var('dso_days')) }}
    end as dso_days,
    case
        when has_full_window
            then {{ days_sales_outstanding('current_amount', 'credit_sales_amount', var('dso_days')) }}
    end as best_possible_dso_days,
    case
        when has_full_window
            then {{ days_sales_outstanding(
                'receivables_amount - current_amount', 'credit_sales_amount', var('dso_days')
            ) }}
    end as average_delinquent_days,
    countback_days as dso_countback_days,
    invoices_due,
    on_time_invoices,
    cast(late_days as bigint) as late_days,
    {{ ratio('on_time_invoices', 'invoices_due') }} as on_time_payment_rate,
    {{ wilson_bounds('on_time_invoices', 'invoices_due', 'on_time_payment_rate') }},
    {{ ratio('late_days', 'invoices_due') }} as average_late_days,
    {{ is_reportable('invoices_due') }} as is_reportable,
    is_complete as is_complete_period
from month_counts
