-- Which open quotes are worth a call today? The most expected money first: amount x the share of quotes that were
-- ordered from that state and age. Stale ones say why; a quote of no chance any more is better closed.
select
    reps.rep_name,
    accounts.account_name,
    quotes.state,
    round(quotes.age_days) as age_days,
    round(quotes.amount, 2) as amount,
    round(100 * quotes.success_rate, 1) as success_percent,
    quotes.decided_quotes as of_past_quotes,
    round(quotes.expected_amount, 2) as expected_amount,
    quotes.reason
from {{ ref('kpi_quote_outlook') }} as quotes
left join {{ ref('dim_account') }} as accounts
    on quotes.account_id = accounts.account_id
left join {{ ref('dim_sales_rep') }} as reps
    on quotes.rep_id = reps.rep_id
order by quotes.expected_amount desc nulls last, quotes.quote_id asc
