-- Grain: one row per line of the invoice export, nothing dropped. Key: source_file, row_number. The export has no
-- line number, so a line is known by its place within its invoice: the 5,268 lines that equal another one in every
-- column are separate lines, while the same file landed twice repeats the same keys.
with raw_rows as (
    select * from {{ raw('online_retail', 'invoice_lines') }}
)

select
    trim(cast(InvoiceNo as varchar)) as invoice_no,
    row_number() over (
        partition by _batch_id, InvoiceNo
        order by _row_number
    ) as line_number,
    trim(cast(StockCode as varchar)) as stock_code,
    trim(cast(Description as varchar)) as description,
    quantity,
    InvoiceDate as invoiced_at,
    UnitPrice as unit_price,
    -- spreadsheets write whole numbers with gaps as 17850.0
    regexp_replace(trim(cast(CustomerID as varchar)), '\.0$', '') as customer_no,
    trim(cast(Country as varchar)) as country_name,
    -- Who the line belongs to decides what it is: an adjustment and a stock correction are no sale,
    -- a credit note is a return.
    case
        when InvoiceNo ilike 'A%' then 'bad debt adjustment'
        when InvoiceNo ilike 'C%' then 'credit'
        when try_cast(Quantity as double) <= 0 then 'stock correction'
        else 'sale'
    end as line_kind,
    _batch_id,
    _source_file,
    _row_number,
    _loaded_at
from raw_rows
