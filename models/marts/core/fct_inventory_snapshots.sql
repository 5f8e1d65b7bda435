-- Grain: one row per day, item and location with a count of the stock. Key: inventory_snapshot_id. Additive over
-- items and locations, not over days. A snapshot without value is valued at the item's current cost.
with snapshots as (
    select
        snapshots.*,
        case
            when snapshots.value_amount is not null then {{ currency_or_base('snapshots.currency_code') }}
            else {{ currency_or_base('products.currency_code') }}
        end as value_currency_code,
        coalesce(
            snapshots.value_amount,
            cast({{ product('products.unit_cost', 'snapshots.quantity') }} as decimal(18, 4))
        ) as value_amount_txn
    from {{ ref('inventory_snapshots') }} as snapshots
    left join {{ ref('products') }} as products
        on snapshots.product_id = products.product_id
)

select
    snapshots.inventory_snapshot_id,
    snapshots.product_id,
    coalesce(snapshots.location, 'unknown') as location,
    snapshots.value_currency_code as currency_code,
    snapshots.quantity,
    cast({{ product('snapshots.value_amount_txn', 'rates.rate_to_base') }} as decimal(18, 4)) as value_amount,
    snapshots.value_amount_txn,
    snapshots.snapshot_on <= as_of.as_of_on as is_valid,
    snapshots.snapshot_on
from snapshots
cross join {{ ref('int_as_of') }} as as_of
{{ join_exchange_rate('snapshots.value_currency_code', 'snapshots.snapshot_on') }}
