-- Grain: one row per stock code on any line. Key: product_id. Derived from the invoice lines, which are accounted for
-- as order lines and returns. The name is the one on the last sale: on stock corrections the same column holds
-- remarks such as "damaged".
with items as (
    select
        stock_code,
        coalesce(
            max_by(description, _row_number) filter (where line_kind = 'sale' and try_cast(unit_price as double) > 0),
            max_by(description, _row_number)
        ) as product_name,
        case
            when stock_code in ('POST', 'DOT', 'C2') then 'shipping'
            when stock_code in ('BANK CHARGES', 'AMAZONFEE', 'CRUK') then 'fee'
            when stock_code = 'D' then 'discount'
            when stock_code in ('M', 'm', 'B') or stock_code ilike 'ADJUST%' or stock_code ilike 'TEST%'
                then 'adjustment'
            when stock_code = 'S' then 'sample'
            when stock_code ilike 'gift_%' then 'gift_card'
            else 'goods'
        end as product_type,
        min(_batch_id) as _batch_id,
        min(_source_file) as _source_file,
        min(_row_number) as _row_number,
        min(_loaded_at) as _loaded_at
    from {{ ref('stg_online_retail__invoice_lines') }}
    where stock_code <> ''
    group by stock_code
),

staged_products as (
    {{ staged('products', 'online_retail', table=none, relation='items', columns={
        'product_id': system_key('online_retail', 'stock_code'),
        'sku': 'stock_code',
        'product_name': 'product_name',
        'product_type': 'product_type',
    }) }}
)

select * from staged_products
