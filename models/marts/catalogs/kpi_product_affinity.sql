-- Grain: one row per item and other item that were ordered together at least affinity_min_orders times, so that a
-- pair has two rows. Key: product_id, other_product_id. Not additive. Clock: order day, all history up to as_of. A
-- basket is an order; an item on two of its lines is in it once. Lift, leverage and chi-square are the same both
-- ways, confidence and conviction are not. Conviction is empty where confidence is 1 (it is infinite). Chi-square
-- (one degree of freedom, no correction) at 3.841 means 5 % for one pair: of many independent pairs one in twenty
-- passes, too.
with baskets as (
    select
        order_id,
        product_id
    from {{ ref('fct_order_lines') }}
    where
        is_valid
        and product_id is not null
    group by order_id, product_id
),

order_count as (
    select count(distinct order_id) as total_orders
    from baskets
),

product_orders as (
    select
        product_id,
        count(*) as orders
    from baskets
    group by product_id
    -- a pair cannot be more frequent than its items
    having count(*) >= {{ var('affinity_min_orders') }}
),

frequent_baskets as (
    select
        baskets.order_id,
        baskets.product_id
    from baskets
    inner join product_orders
        on baskets.product_id = product_orders.product_id
),

pairs as (
    select
        one.product_id,
        other.product_id as other_product_id,
        count(*) as pair_orders
    from frequent_baskets as one
    inner join frequent_baskets as other
        on
            one.order_id = other.order_id
            and one.product_id <> other.product_id
    group by one.product_id, other.product_id
    having count(*) >= {{ var('affinity_min_orders') }}
),

counted as (
    select
        pairs.product_id,
        pairs.other_product_id,
        pairs.pair_orders,
        one.orders as product_orders,
        other.orders as other_product_orders,
        order_count.total_orders,
        {{ ratio('pairs.pair_orders', 'order_count.total_orders') }} as support,
        {{ ratio('one.orders', 'order_count.total_orders') }} as product_support,
        {{ ratio('other.orders', 'order_count.total_orders') }} as other_product_support,
        {{ ratio('pairs.pair_orders', 'one.orders') }} as confidence
    from pairs
    cross join order_count
    inner join product_orders as one
        on pairs.product_id = one.product_id
    inner join product_orders as other
        on pairs.other_product_id = other.product_id
),

measured as (
    select
        *,
        {{ ratio('confidence', 'other_product_support') }} as lift,
        support - product_support * other_product_support as leverage,
        {{ ratio('1 - other_product_support', '1 - confidence') }} as conviction,
        -- of the table of two by two: n x leverage^2 / (p (1 - p) q (1 - q))
        total_orders * (support - product_support * other_product_support)
        * (support - product_support * other_product_support)
        / nullif(
            product_support * (1 - product_support) * other_product_support * (1 - other_product_support), 0
        ) as chi_square,
        -- the smallest expected count of the four
        total_orders * least(
            product_support * other_product_support,
            product_support * (1 - other_product_support),
            (1 - product_support) * other_product_support,
            (1 - product_support) * (1 - other_product_support)
        ) as least_expected_orders
    from counted
)

select
    measured.product_id,
    measured.other_product_id,
    products.product_name,
    other_products.product_name as other_product_name,
    measured.pair_orders,
    measured.product_orders,
    measured.other_product_orders,
    measured.total_orders,
    measured.support,
    measured.confidence,
    measured.lift,
    measured.leverage,
    measured.conviction,
    measured.chi_square,
    coalesce(measured.chi_square >= 3.841 and measured.lift > 1, false) as is_significant,
    measured.least_expected_orders >= 5 as is_reportable,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from measured
inner join {{ ref('dim_product') }} as products
    on measured.product_id = products.product_id
inner join {{ ref('dim_product') }} as other_products
    on measured.other_product_id = other_products.product_id
