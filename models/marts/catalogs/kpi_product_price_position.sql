-- Grain: one row per item of merchandise. Key: product_id. Not additive. Clock: order day, all history up to as_of.
-- Elasticity is the slope of ln(quantity) on ln(net unit price, base currency) over order lines, both as deviations
-- from the mean of their catalog and calendar month: what differs between catalogs (small and large buyers) or months
-- (seasons, the market) says nothing. Lines alone in their group are left out. Degrees of freedom: lines - groups -
-- 1. It is refused, with the reason, under min_reportable_n lines, under elasticity_min_prices prices, or without
-- variation. Prices are counted as shown to buyers before negotiation, in the currency that has the most: what a rep
-- grants or an exchange rate does is no trial of a price. A price follows demand too, so that only prices set as a
-- trial prove much.
with lines as (
    select
        lines.order_line_id,
        lines.product_id,
        lines.currency_code,
        coalesce(lines.catalog_id, 'unknown') || '@' || cast({{ month_of('lines.ordered_on') }} as varchar)
            as group_key,
        ln({{ ratio('lines.net_amount', 'lines.quantity') }}) as log_price,
        ln(cast(lines.quantity as double)) as log_quantity,
        round({{ ratio('priced.gross_amount_txn', 'priced.quantity') }}, 4) as shown_price
    from {{ ref('fct_order_lines') }} as lines
    inner join {{ ref('int_order_lines_priced') }} as priced
        on lines.order_line_id = priced.order_line_id
    where
        lines.is_valid
        and lines.product_id is not null
        and lines.quantity > 0
        and lines.net_amount > 0
),

deviations as (
    select
        product_id,
        group_key,
        currency_code,
        shown_price,
        log_price - {{ stable_mean('log_price', 'over (partition by product_id, group_key)') }} as price_deviation,
        log_quantity
        - {{ stable_mean('log_quantity', 'over (partition by product_id, group_key)') }} as quantity_deviation,
        count(*) over (partition by product_id, group_key) as group_lines
    from lines
),

compared as (
    select *
    from deviations
    where group_lines > 1
),

prices_by_currency as (
    select
        product_id,
        currency_code,
        count(distinct shown_price) as prices
    from compared
    group by product_id, currency_code
),

price_counts as (
    select
        product_id,
        max(prices) as distinct_prices
    from prices_by_currency
    group by product_id
),

sums as (
    select
        product_id,
        count(*) as compared_lines,
        count(distinct group_key) as compared_groups,
        {{ stable_sum('price_deviation * price_deviation') }} as price_variation,
        {{ stable_sum('price_deviation * quantity_deviation') }} as covariation,
        {{ stable_sum('quantity_deviation * quantity_deviation') }} as quantity_variation
    from compared
    group by product_id
),

judged as (
    select
        products.product_id,
        products.sku,
        products.product_name,
        coalesce(products.category, 'unknown') as category,
        coalesce(sums.compared_lines, 0) as compared_lines,
        coalesce(sums.compared_groups, 0) as compared_groups,
        coalesce(price_counts.distinct_prices, 0) as distinct_prices,
        sums.price_variation,
        sums.covariation,
        sums.quantity_variation,
        case
            when coalesce(sums.compared_lines, 0) < {{ var('min_reportable_n') }} then 'too few order lines'
            when price_counts.distinct_prices < {{ var('elasticity_min_prices') }} then 'too few prices'
            -- sums of squares of equal logarithms are zero but for rounding
            when sums.price_variation < 1e-9 then 'no variation of the price'
            when sums.compared_lines - sums.compared_groups - 1 <= 0 then 'too few order lines'
        end as refusal_reason
    from {{ ref('dim_product') }} as products
    left join sums on products.product_id = sums.product_id
    left join price_counts on products.product_id = price_counts.product_id
    where products.is_merchandise
),

slopes as (
    select
        *,
        case when refusal_reason is null then covariation / price_variation end as elasticity
    from judged
),

elasticities as (
    select
        *,
        sqrt(
            greatest(quantity_variation - elasticity * covariation, 0)
            / (compared_lines - compared_groups - 1) / price_variation
        ) as elasticity_standard_error
    from slopes
    where refusal_reason is null
),

competitors as (
    select
        product_id,
        count(*) as competitors,
        count(*) filter (where is_in_stock) as competitors_in_stock,
        min(competitor_price_amount) as lowest_price_amount,
        median(cast(competitor_price_amount as double)) as median_price_amount,
        max(competitor_price_amount) as highest_price_amount,
        max(observed_on) as last_observed_on
    from {{ ref('kpi_competitor_price') }}
    where is_current
    group by product_id
),

list_prices as (
    select
        products.product_id,
        {{ product('products.list_price_txn', 'rates.rate_to_base') }} as list_price_amount
    from {{ ref('dim_product') }} as products
    cross join {{ ref('int_as_of') }} as as_of
    {{ join_exchange_rate('products.currency_code', 'as_of.as_of_on') }}
)

select
    slopes.product_id,
    slopes.sku,
    slopes.product_name,
    slopes.category,
    slopes.elasticity,
    elasticities.elasticity_standard_error,
    slopes.elasticity - 1.96 * elasticities.elasticity_standard_error as elasticity_low,
    slopes.elasticity + 1.96 * elasticities.elasticity_standard_error as elasticity_high,
    slopes.compared_lines,
    slopes.compared_groups,
    slopes.distinct_prices,
    slopes.refusal_reason,
    case
        when slopes.elasticity + 1.96 * elasticities.elasticity_standard_error < -1 then 'elastic'
        when slopes.elasticity - 1.96 * elasticities.elasticity_standard_error > -1 then 'inelastic'
        when slopes.elasticity is not null then 'uncertain'
        else 'refused'
    end as price_response,
    cast(list_prices.list_price_amount as decimal(18, 4)) as list_price_amount,
    coalesce(competitors.competitors, 0) as competitors,
    coalesce(competitors.competitors_in_stock, 0) as competitors_in_stock,
    competitors.lowest_price_amount as competitor_lowest_price_amount,
    cast(competitors.median_price_amount as decimal(18, 4)) as competitor_median_price_amount,
    competitors.highest_price_amount as competitor_highest_price_amount,
    {{ ratio('list_prices.list_price_amount', 'competitors.median_price_amount') }} as price_index,
    case
        when competitors.product_id is null or list_prices.list_price_amount is null then 'unknown'
        when list_prices.list_price_amount < competitors.lowest_price_amount then 'lowest'
        when list_prices.list_price_amount > competitors.highest_price_amount then 'highest'
        when list_prices.list_price_amount > competitors.median_price_amount then 'above median'
        when list_prices.list_price_amount < competitors.median_price_amount then 'below median'
        else 'at median'
    end as price_position,
    list_prices.list_price_amount > competitors.median_price_amount as is_above_market,
    competitors.last_observed_on,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from slopes
left join elasticities on slopes.product_id = elasticities.product_id
left join competitors on slopes.product_id = competitors.product_id
left join list_prices on slopes.product_id = list_prices.product_id
