-- All items, with what names none, have the net sales of the twelve months that end with as_of.
with ledger as (
    select sum(entries.net_sales_amount) as net_sales_amount
    from {{ ref('int_sales_ledger') }} as entries
    cross join {{ ref('int_as_of') }} as as_of
    where {{ is_in_last_12_months('entries.booked_on') }}
),

products as (
    select sum(net_sales_amount) as net_sales_amount
    from {{ ref('kpi_product_performance') }}
)

select
    ledger.net_sales_amount as ledger_amount,
    products.net_sales_amount as products_amount
from ledger
cross join products
where coalesce(ledger.net_sales_amount, 0) <> coalesce(products.net_sales_amount, 0)
