-- Grain: one row per invoice with at least one sale line. Key: order_id. Derived from the invoice lines, which are
-- accounted for as order lines. 43 invoices carry two times, a minute apart; the first one counts.
with invoices as (
    select
        invoice_no,
        min(customer_no) as customer_no,
        min(invoiced_at) as invoiced_at,
        min(_batch_id) as _batch_id,
        min(_source_file) as _source_file,
        min(_row_number) as _row_number,
        min(_loaded_at) as _loaded_at
    from {{ ref('stg_online_retail__invoice_lines') }}
    where line_kind = 'sale' and invoice_no <> ''
    group by invoice_no
),

staged_orders as (
    {{ staged('orders', 'online_retail', table=none, relation='invoices', columns={
        'order_id': system_key('online_retail', 'invoice_no'),
        'account_id': system_key('online_retail', 'customer_no'),
        'ordered_at': 'invoiced_at',
        'currency_code': "'GBP'",
    }) }}
)

select * from staged_orders
