-- Grain: one row per price cut of a catalog and item concerned. Key: price_cut_id, product_id. Clock: cut_on. Prices
-- of a catalog are cut on a day when at least price_cut_min_items of its items get a lower price than the one before.
-- Both prices of an item must stand price_cut_min_days: an item whose price changes every week is on trial, and
-- belongs to no cut. A price in another currency than the one before is not comparable. is_repriced says that the
-- price of the item changed once more within price_cut_window_days before or after.
with prices as (
    select
        catalog_id,
        product_id,
        valid_from,
        -- an export may name a day twice
        max_by(unit_price, catalog_price_id) as unit_price,
        max_by({{ currency_or_base('currency_code') }}, catalog_price_id) as currency_code,
        max(coalesce(valid_to, {{ end_of_time() }})) as valid_to
    from {{ ref('catalog_prices') }}
    group by catalog_id, product_id, valid_from
),

prices_with_neighbours as (
    select
        catalog_id,
        product_id,
        unit_price,
        currency_code,
        valid_from,
        lag(unit_price) over (partition by catalog_id, product_id order by valid_from) as previous_price,
        lag(currency_code) over (partition by catalog_id, product_id order by valid_from) as previous_currency_code,
        lag(valid_from) over (partition by catalog_id, product_id order by valid_from) as previous_valid_from,
        least(
            coalesce(
                lead(valid_from) over (partition by catalog_id, product_id order by valid_from), {{ end_of_time() }}
            ),
            case
                when valid_to < {{ end_of_time() }} then cast({{ dbt.dateadd('day', 1, 'valid_to') }} as date)
                else {{ end_of_time() }}
            end
        ) as changed_again_on
    from prices
),

lower_prices as (
    select
        prices.*,
        {{ dbt.datediff('previous_valid_from', 'valid_from', 'day') }} as previous_days,
        {{ dbt.datediff('valid_from', 'changed_again_on', 'day') }} as new_days
    from prices_with_neighbours as prices
    cross join {{ ref('int_as_of') }} as as_of
    where
        prices.unit_price < prices.previous_price
        and prices.currency_code = prices.previous_currency_code
        and prices.valid_from <= as_of.as_of_on
),

item_cuts as (
    select *
    from lower_prices
    where
        previous_days >= {{ var('price_cut_min_days') }}
        and new_days >= {{ var('price_cut_min_days') }}
),

cut_days as (
    select
        catalog_id,
        valid_from
    from item_cuts
    group by catalog_id, valid_from
    having count(*) >= {{ var('price_cut_min_items') }}
)

select
    item_cuts.catalog_id || '@' || cast(item_cuts.valid_from as varchar) as price_cut_id,
    item_cuts.product_id,
    item_cuts.catalog_id,
    item_cuts.previous_price,
    item_cuts.unit_price as new_price,
    item_cuts.previous_days < {{ var('price_cut_window_days') }}
    or item_cuts.new_days < {{ var('price_cut_window_days') }} as is_repriced,
    item_cuts.valid_from as cut_on
from item_cuts
inner join cut_days
    on
        item_cuts.catalog_id = cut_days.catalog_id
        and item_cuts.valid_from = cut_days.valid_from
