-- A discount lowers the price: no order line nets more than its gross.
select
    order_line_id,
    gross_amount,
    net_amount
from {{ ref('fct_order_lines') }}
where
    (net_amount <= gross_amount) is distinct from true
