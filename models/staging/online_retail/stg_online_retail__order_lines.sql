-- Grain: one row per invoice line that is no credit. Key: order_line_id. Adjustments and stock corrections are kept
-- here with the reason why they are no order line, and so end in rejected_rows.
with lines as (
    select
        invoice_lines.*,
        case when line_kind <> 'sale' then line_kind end as no_sale_reason
    from {{ ref('stg_online_retail__invoice_lines') }} as invoice_lines
    where line_kind <> 'credit'
),

staged_order_lines as (
    {{ staged(
        'order_lines', 'online_retail', table='invoice_lines', relation='lines', not_a_sale='no_sale_reason',
        columns={
            'order_line_id': system_key('online_retail', "invoice_no || ':' || line_number"),
            'order_id': system_key('online_retail', 'invoice_no'),
            'product_id': system_key('online_retail', 'stock_code'),
            'quantity': 'quantity',
            'unit_price': 'unit_price',
        },
    ) }}
)

select * from staged_order_lines
