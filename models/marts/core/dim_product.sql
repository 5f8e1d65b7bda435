-- Grain: one row per item, items that only order lines or returns name included. Key: product_id. Today's attributes.
with named_products as (
    select product_id from {{ ref('products') }}
    union
    select product_id from {{ ref('int_order_lines_priced') }}
    where product_id is not null
    union
    select product_id from {{ ref('int_returns_valued') }}
    where product_id is not null
)

select
    named_products.product_id,
    products.supplier_id,
    products.sku,
    coalesce(products.product_name, named_products.product_id) as product_name,
    products.category,
    coalesce(products.product_type, 'goods') as product_type,
    products.unit_cost as unit_cost_txn,
    products.list_price as list_price_txn,
    coalesce(products.currency_code, '{{ var("base_currency") }}') as currency_code,
    coalesce(products.product_type, 'goods')
    not in ('{{ var("product_types_outside_sales") | join("', '") }}') as is_merchandise,
    products.product_id is not null as is_listed
from named_products
left join {{ ref('products') }} as products
    on named_products.product_id = products.product_id
