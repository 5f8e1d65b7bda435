-- Grain: one row per item and competitor, the last price seen. Key: product_id, competitor_name. Not additive. Clock:
-- observed_on, up to as_of. A price older than competitor_price_max_age_days is shown, but not current, and not
-- compared. Amounts are in the base currency, at the rate of the day the price was seen; our list price at that of
-- as_of.
with as_of as (
    select * from {{ ref('int_as_of') }}
),

observed as (
    select
        product_id,
        competitor_name,
        max_by(competitor_price_id, cast(observed_on as varchar) || competitor_price_id) as competitor_price_id
    from {{ ref('competitor_prices') }}
    cross join as_of
    where observed_on <= as_of.as_of_on
    group by product_id, competitor_name
),

last_prices as (
    select
        observed.product_id,
        observed.competitor_name,
        {{ product('prices.unit_price', 'rates.rate_to_base') }} as price_amount,
        prices.is_in_stock,
        coalesce(
            prices.observed_on >= {{ dbt.dateadd('day', -var('competitor_price_max_age_days'), 'as_of.as_of_on') }},
            false
        ) as is_current,
        prices.observed_on
    from observed
    cross join as_of
    inner join {{ ref('competitor_prices') }} as prices
        on observed.competitor_price_id = prices.competitor_price_id
    {{ join_exchange_rate(currency_or_base('prices.currency_code'), 'prices.observed_on') }}
),

list_prices as (
    select
        products.product_id,
        products.sku,
        products.product_name,
        coalesce(products.category, 'unknown') as category,
        {{ product('products.list_price_txn', 'rates.rate_to_base') }} as list_price_amount
    from {{ ref('dim_product') }} as products
    cross join as_of
    {{ join_exchange_rate('products.currency_code', 'as_of.as_of_on') }}
)

select
    last_prices.product_id,
    last_prices.competitor_name,
    list_prices.sku,
    list_prices.product_name,
    list_prices.category,
    cast(last_prices.price_amount as decimal(18, 4)) as competitor_price_amount,
    cast(list_prices.list_price_amount as decimal(18, 4)) as list_price_amount,
    {{ ratio('list_prices.list_price_amount', 'last_prices.price_amount') }} as price_index,
    last_prices.is_in_stock,
    last_prices.is_current,
    last_prices.observed_on
from last_prices
inner join list_prices
    on last_prices.product_id = list_prices.product_id
