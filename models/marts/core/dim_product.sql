-- Grain: one row per item, items that only other exports name included. Key: product_id. Today's attributes.
{% set entities_naming_products = [
    'order_lines', 'opportunities', 'catalog_prices', 'competitor_prices', 'web_events', 'inventory_snapshots',
    'purchase_receipts', 'reviews'
] %}
with named_products as (
    {% for entity in entities_naming_products -%}
    select product_id from {{ ref(entity) }}
    where product_id is not null
    union
    {% endfor -%}
    select product_id from {{ ref('int_returns_valued') }}
    where product_id is not null
    union
    select product_id from {{ ref('products') }}
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
    products.unit_of_measure,
    products.status,
    products.launched_on,
    coalesce(products.currency_code, '{{ var("base_currency") }}') as currency_code,
    coalesce(products.product_type, 'goods')
    not in ('{{ var("product_types_outside_sales") | join("', '") }}') as is_merchandise,
    products.product_id is not null as is_listed
from named_products
left join {{ ref('products') }} as products
    on named_products.product_id = products.product_id
