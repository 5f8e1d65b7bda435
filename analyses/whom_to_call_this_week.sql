-- Whom should each rep call this week, and why?
-- Customers who are late by their own rhythm, most valuable first; the last column says why they are listed.
select
    owner_rep_name,
    account_name,
    round(net_sales_12m_amount, 2) as net_sales_12m_amount,
    'Orders every ' || cast(round(usual_interval_days) as integer) || ' days, silent for '
    || days_since_last_order || ', expected on ' || cast(expected_next_order_on as varchar) as reason
from {{ ref('kpi_account_profile') }}
where is_overdue
order by owner_rep_name asc nulls last, net_sales_12m_amount desc, account_name asc
