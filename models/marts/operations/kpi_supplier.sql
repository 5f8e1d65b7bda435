-- Grain: one row per supplier. Key: supplier_id. Counts, units and amounts are additive; rates and scores are not.
-- Clock: the 12 months that end with as_of: by promised_on for punctuality, received_on for quality, lead time and
-- price, ordered_on for returns and OTIF of what customers ordered, the day of the review. Goods that are due and
-- have not come are late. Prices are compared item by item at the quantities of now, so that buying dearer items is
-- no price rise; in the base currency at the rate of the purchase order's day.
with as_of as (
    select
        as_of_on,
        cast({{ dbt.dateadd('month', -12, 'as_of_on') }} as date) as year_before,
        cast({{ dbt.dateadd('month', -24, 'as_of_on') }} as date) as two_years_before
    from {{ ref('int_as_of') }}
),

receipts as (
    select
        receipts.supplier_id,
        receipts.product_id,
        receipts.ordered_on,
        -- what arrives later is not known yet
        case when receipts.received_on <= as_of.as_of_on then receipts.received_on end as received_on,
        receipts.promised_on,
        receipts.ordered_quantity,
        receipts.received_quantity,
        receipts.defective_quantity,
        cast({{ product('receipts.unit_cost', 'rates.rate_to_base') }} as decimal(18, 4)) as unit_cost,
        as_of.as_of_on,
        as_of.year_before,
        as_of.two_years_before
    from {{ ref('purchase_receipts') }} as receipts
    cross join as_of
    {{ join_exchange_rate(currency_or_base('receipts.currency_code'), 'receipts.ordered_on') }}
    where receipts.ordered_on <= as_of.as_of_on
),

receipts_judged as (
    select
        *,
        coalesce(received_on > year_before, false) as is_received_now,
        coalesce(received_on > two_years_before and received_on <= year_before, false) as is_received_before,
        coalesce(promised_on > year_before and promised_on <= as_of_on, false) as is_due
    from receipts
),

deliveries as (
    select
        supplier_id,
        count(*) filter (where is_received_now) as receipts,
        count(*) filter (where is_due) as receipts_due,
        count(*) filter (where is_due and received_on <= promised_on) as on_time_receipts,
        sum(ordered_quantity) filter (where is_received_now) as ordered_units,
        sum(received_quantity) filter (where is_received_now) as received_units,
        -- where nothing was inspected, nothing is known of quality
        count(*) filter (where is_received_now and defective_quantity is not null) as inspected_receipts,
        sum(received_quantity) filter (where is_received_now and defective_quantity is not null) as inspected_units,
        sum(defective_quantity) filter (where is_received_now) as defective_units,
        sum({{ product('unit_cost', 'received_quantity') }}) filter (where is_received_now) as received_amount,
        median(cast({{ dbt.datediff('ordered_on', 'received_on', 'day') }} as double))
        filter (where is_received_now) as lead_time_days_median,
        percentile_cont(0.9) within group (
            order by cast({{ dbt.datediff('ordered_on', 'received_on', 'day') }} as double)
        ) filter (where is_received_now) as lead_time_days_p90,
        median(cast({{ dbt.datediff('promised_on', 'coalesce(received_on, as_of_on)', 'day') }} as double))
        filter (where is_due) as lateness_days_median
    from receipts_judged
    group by supplier_id
),

item_prices as (
    select
        supplier_id,
        product_id,
        sum(received_quantity) filter (where is_received_now and unit_cost > 0) as units_now,
        sum({{ product('unit_cost', 'received_quantity') }}) filter (where is_received_now and unit_cost > 0)
            as amount_now,
        sum(received_quantity) filter (where is_received_before and unit_cost > 0) as units_before,
        sum({{ product('unit_cost', 'received_quantity') }}) filter (where is_received_before and unit_cost > 0)
            as amount_before
    from receipts_judged
    group by supplier_id, product_id
),

price_changes as (
    select
        supplier_id,
        count(*) as compared_items,
        sum(amount_now) as compared_amount,
        -- money before it is added up: doubles add up differently in another order
        sum(
            cast(cast(units_now as double) * {{ ratio('amount_before', 'units_before') }} as decimal(18, 4))
        ) as compared_at_old_prices
    from item_prices
    where
        units_now > 0
        and units_before > 0
    group by supplier_id
),

sold as (
    select
        products.supplier_id,
        count(*) as sold_lines,
        sum(order_lines.quantity) as sold_units
    from {{ ref('fct_order_lines') }} as order_lines
    inner join {{ ref('dim_product') }} as products
        on order_lines.product_id = products.product_id
    cross join as_of
    where
        order_lines.is_valid
        and order_lines.ordered_on > as_of.year_before
    group by products.supplier_id
),

returned as (
    select
        products.supplier_id,
        sum(returned.quantity) as returned_units
    from {{ ref('fct_returns') }} as returned
    inner join {{ ref('dim_product') }} as products
        on returned.product_id = products.product_id
    cross join as_of
    where
        returned.is_valid
        and returned.ordered_on > as_of.year_before
        -- a cancelled sale says nothing about the goods
        and coalesce(returned.reason, '') <> 'cancelled'
    group by products.supplier_id
),

customer_lines as (
    select
        products.supplier_id,
        count(*) as lines_due,
        count(*) filter (where lines.is_otif) as otif_lines,
        count(*) filter (where lines.late_days > 0) as late_lines
    from {{ ref('int_order_lines_fulfilled') }} as lines
    inner join {{ ref('dim_product') }} as products
        on lines.product_id = products.product_id
    cross join as_of
    where
        lines.is_due
        and lines.ordered_on > as_of.year_before
    group by products.supplier_id
),

valid_reviews as (
    select
        reviews.product_id,
        reviews.score,
        {{ local_date('reviews.reviewed_at') }} as reviewed_on
    from {{ ref('reviews') }} as reviews
    {{ join_account_and_as_of('reviews.account_id', 'reviews.contact_id') }}
    where {{ counts_on(local_date('reviews.reviewed_at')) }}
),

reviewed as (
    select
        products.supplier_id,
        count(*) as reviews,
        sum(valid_reviews.score) as review_points
    from valid_reviews
    inner join {{ ref('dim_product') }} as products
        on valid_reviews.product_id = products.product_id
    cross join as_of
    where valid_reviews.reviewed_on > as_of.year_before
    group by products.supplier_id
),

rates as (
    select
        suppliers.supplier_id,
        coalesce(suppliers.supplier_name, suppliers.supplier_id) as supplier_name,
        coalesce(suppliers.country_code, 'unknown') as country_code,
        suppliers.lead_time_days as agreed_lead_time_days,
        coalesce(deliveries.receipts, 0) as receipts,
        coalesce(deliveries.receipts_due, 0) as receipts_due,
        coalesce(deliveries.on_time_receipts, 0) as on_time_receipts,
        coalesce(deliveries.ordered_units, 0) as ordered_units,
        coalesce(deliveries.received_units, 0) as received_units,
        coalesce(deliveries.inspected_receipts, 0) as inspected_receipts,
        coalesce(deliveries.inspected_units, 0) as inspected_units,
        coalesce(deliveries.defective_units, 0) as defective_units,
        coalesce(deliveries.received_amount, 0) as received_amount,
        deliveries.lead_time_days_median,
        deliveries.lead_time_days_p90,
        deliveries.lateness_days_median,
        coalesce(price_changes.compared_items, 0) as compared_items,
        coalesce(price_changes.compared_amount, 0) as compared_amount,
        coalesce(price_changes.compared_at_old_prices, 0) as compared_at_old_prices,
        coalesce(sold.sold_lines, 0) as sold_lines,
        coalesce(sold.sold_units, 0) as sold_units,
        coalesce(returned.returned_units, 0) as returned_units,
        coalesce(customer_lines.lines_due, 0) as lines_due,
        coalesce(customer_lines.otif_lines, 0) as otif_lines,
        coalesce(customer_lines.late_lines, 0) as late_lines,
        coalesce(reviewed.reviews, 0) as reviews,
        coalesce(reviewed.review_points, 0) as review_points,
        {{ ratio('deliveries.on_time_receipts', 'deliveries.receipts_due') }} as on_time_rate,
        {{ ratio('deliveries.defective_units', 'deliveries.inspected_units') }} as defect_rate,
        {{ ratio('price_changes.compared_amount', 'price_changes.compared_at_old_prices') }} - 1 as price_change_rate
    from {{ ref('suppliers') }} as suppliers
    left join deliveries on suppliers.supplier_id = deliveries.supplier_id
    left join price_changes on suppliers.supplier_id = price_changes.supplier_id
    left join sold on suppliers.supplier_id = sold.supplier_id
    left join returned on suppliers.supplier_id = returned.supplier_id
    left join customer_lines on suppliers.supplier_id = customer_lines.supplier_id
    left join reviewed on suppliers.supplier_id = reviewed.supplier_id
),

-- Each part runs from 0 to 100: all on time, no defect and no price rise are 100.
scores as (
    select
        *,
        100 * on_time_rate as delivery_score,
        -- greatest skips nulls, and an unknown rate has no score
        case
            when defect_rate is not null
                then 100 * greatest(1 - defect_rate / {{ var('supplier_worst_defect_rate') }}, 0)
        end as quality_score,
        case
            when price_change_rate is not null
                then 100 * least(greatest(1 - price_change_rate / {{ var('supplier_worst_price_change_rate') }}, 0), 1)
        end as price_score
    from rates
),

{% set weights = var('supplier_score_weights') %}
scores_weighted as (
    select
        *,
        coalesce(delivery_score, 0) * {{ weights['delivery'] }}
        + coalesce(quality_score, 0) * {{ weights['quality'] }}
        + coalesce(price_score, 0) * {{ weights['price'] }} as weighted_score,
        case when delivery_score is not null then {{ weights['delivery'] }} else 0 end
        + case when quality_score is not null then {{ weights['quality'] }} else 0 end
        + case when price_score is not null then {{ weights['price'] }} else 0 end as known_weight
    from scores
)

select
    supplier_id,
    supplier_name,
    country_code,
    agreed_lead_time_days,
    receipts,
    receipts_due,
    on_time_receipts,
    cast(ordered_units as decimal(18, 4)) as ordered_units,
    cast(received_units as decimal(18, 4)) as received_units,
    inspected_receipts,
    cast(inspected_units as decimal(18, 4)) as inspected_units,
    cast(defective_units as decimal(18, 4)) as defective_units,
    cast(received_amount as decimal(18, 4)) as received_amount,
    on_time_rate,
    {{ wilson_bounds('on_time_receipts', 'receipts_due', 'on_time_rate') }},
    {{ is_reportable('receipts_due') }} as is_on_time_rate_reportable,
    lateness_days_median,
    lead_time_days_median,
    lead_time_days_p90,
    {{ ratio('received_units', 'ordered_units') }} as received_rate,
    1 - defect_rate as quality_rate,
    {{ wilson_bounds('inspected_units - defective_units', 'inspected_units', 'quality_rate') }},
    defect_rate,
    {{ wilson_bounds('defective_units', 'inspected_units', 'defect_rate') }},
    {{ is_reportable('inspected_receipts') }} as is_defect_rate_reportable,
    compared_items,
    cast(compared_amount as decimal(18, 4)) as compared_amount,
    cast(compared_at_old_prices as decimal(18, 4)) as compared_at_old_prices_amount,
    price_change_rate,
    sold_lines,
    cast(sold_units as decimal(18, 4)) as sold_units,
    cast(returned_units as decimal(18, 4)) as returned_units,
    {{ ratio('returned_units', 'sold_units') }} as return_rate,
    {{ wilson_bounds('returned_units', 'sold_units', 'return_rate') }},
    {{ is_reportable('sold_lines') }} as is_return_rate_reportable,
    lines_due,
    otif_lines,
    late_lines,
    {{ ratio('otif_lines', 'lines_due') }} as otif_rate,
    {{ wilson_bounds('otif_lines', 'lines_due', 'otif_rate') }},
    {{ ratio('late_lines', 'lines_due') }} as late_rate,
    {{ wilson_bounds('late_lines', 'lines_due', 'late_rate') }},
    {{ is_reportable('lines_due') }} as is_otif_rate_reportable,
    reviews,
    cast(review_points as bigint) as review_points,
    {{ ratio('review_points', 'reviews') }} as review_score,
    delivery_score,
    quality_score,
    price_score,
    {{ ratio('weighted_score', 'known_weight') }} as supplier_score,
    {{ is_reportable('receipts') }} as is_reportable,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from scores_weighted
