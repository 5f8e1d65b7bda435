-- Grain: one row per line of a credit note. Key: return_id. Credit notes do not name the invoice they credit.
with credit_lines as (
    select
        invoice_lines.*,
        case
            when try_cast(quantity as double) >= 0 then 'credit note line that credits nothing'
        end as no_return_reason,
        -try_cast(quantity as decimal(18, 4)) as returned_quantity,
        -{{ product(
            'try_cast(quantity as decimal(18, 4))', 'try_cast(unit_price as decimal(18, 4))'
        ) }} as refund_amount
    from {{ ref('stg_online_retail__invoice_lines') }} as invoice_lines
    where line_kind = 'credit'
),

staged_returns as (
    {{ staged(
        'returns', 'online_retail', table='invoice_lines', relation='credit_lines', not_a_sale='no_return_reason',
        columns={
            'return_id': system_key('online_retail', "invoice_no || ':' || line_number"),
            'credit_note_id': system_key('online_retail', 'invoice_no'),
            'account_id': system_key('online_retail', 'customer_no'),
            'product_id': system_key('online_retail', 'stock_code'),
            'returned_at': 'invoiced_at',
            'quantity': 'returned_quantity',
            'refund_amount': 'refund_amount',
            'currency_code': "'GBP'",
        },
    ) }}
)

select * from staged_returns
