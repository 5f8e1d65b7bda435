-- Grain: one row per price cut of a catalog and scope: all its items that got cheaper (category `all`), and those of
-- each category. Key: price_cut_id, category. Additive over the categories of a cut, but not with `all`: lines,
-- units, amounts. Clock: order day, price_cut_window_days before the cut and from its day on. Sales are before
-- returns: those of the later window are not all in yet. Control is the same items in other catalogs, where their
-- price was not cut in those days: factor = after / before, effect = factor / factor of the control, so that seasons
-- drop out. Factors and effects are empty until the window is over. The effect on ln(units of a line) is the
-- difference of the differences of the means; its standard error takes lines as independent, which is on the low side
-- when few accounts order often.
with cuts as (
    select
        price_cuts.*,
        coalesce(products.category, 'unknown') as category,
        cast({{ dbt.dateadd('day', -var('price_cut_window_days'), 'price_cuts.cut_on') }} as date) as window_starts_on,
        cast({{ dbt.dateadd('day', var('price_cut_window_days') - 1, 'price_cuts.cut_on') }} as date) as window_ends_on
    from {{ ref('int_catalog_price_cuts') }} as price_cuts
    left join {{ ref('dim_product') }} as products
        on price_cuts.product_id = products.product_id
),

cuts_by_scope as (
    select
        *,
        'all' as scope_category
    from cuts
    union all
    select
        *,
        category as scope_category
    from cuts
),

scopes as (
    select
        price_cut_id,
        catalog_id,
        cut_on,
        window_starts_on,
        window_ends_on,
        scope_category as category,
        count(*) as items,
        count(*) filter (where is_repriced) as repriced_items,
        sum(previous_price) as previous_price,
        sum(new_price) as new_price
    from cuts_by_scope
    group by price_cut_id, catalog_id, cut_on, window_starts_on, window_ends_on, scope_category
),

-- catalogs that cut the same item in the same days cannot tell what would have been
other_cuts as (
    select
        cuts.price_cut_id,
        cuts.product_id,
        others.catalog_id
    from cuts
    inner join cuts as others
        on
            cuts.product_id = others.product_id
            and cuts.catalog_id <> others.catalog_id
            and cuts.window_starts_on < others.cut_on
            and cuts.window_ends_on >= others.cut_on
    group by cuts.price_cut_id, cuts.product_id, others.catalog_id
),

lines as (
    select
        cuts.price_cut_id,
        cuts.scope_category as category,
        lines.order_id,
        lines.quantity,
        lines.net_amount,
        lines.net_amount - lines.cost_amount as margin_amount,
        case
            when lines.catalog_id <> cuts.catalog_id and lines.ordered_on < cuts.cut_on then 'control_before'
            when lines.catalog_id <> cuts.catalog_id then 'control_after'
            when lines.ordered_on < cuts.cut_on then 'before'
            else 'after'
        end as cell,
        case when lines.quantity > 0 then ln(cast(lines.quantity as double)) end as log_quantity
    from cuts_by_scope as cuts
    inner join {{ ref('fct_order_lines') }} as lines
        on
            cuts.product_id = lines.product_id
            and cuts.window_starts_on <= lines.ordered_on
            and cuts.window_ends_on >= lines.ordered_on
    left join other_cuts
        on
            cuts.price_cut_id = other_cuts.price_cut_id
            and cuts.product_id = other_cuts.product_id
            and lines.catalog_id = other_cuts.catalog_id
    where
        lines.is_valid
        and lines.catalog_id is not null
        and other_cuts.catalog_id is null
),
{% set cells = ['before', 'after', 'control_before', 'control_after'] %}
{% set control_measures = [
    ('', 'orders'), ('control_', 'orders'), ('', 'units'), ('control_', 'units'), ('', 'sales_amount'),
    ('control_', 'sales_amount'), ('', 'margin_amount'), ('control_', 'margin_amount'), ('', 'units_per_line'),
    ('control_', 'units_per_line')
] %}
sums as (
    select
        price_cut_id,
        category,
        {%- for cell in cells %}
        {%- set filter = "filter (where cell = '" ~ cell ~ "')" %}
        count(*) {{ filter }} as {{ cell }}_lines,
        count(distinct order_id) {{ filter }} as {{ cell }}_orders,
        sum(quantity) {{ filter }} as {{ cell }}_units,
        sum(net_amount) {{ filter }} as {{ cell }}_sales_amount,
        sum(margin_amount) {{ filter }} as {{ cell }}_margin_amount,
        {{ stable_mean('log_quantity', filter) }} as {{ cell }}_log_mean,
        {{ stable_variance('log_quantity', filter) }} as {{ cell }}_log_variance,
        count(log_quantity) {{ filter }} as {{ cell }}_log_lines,
        {%- endfor %}
        count(*) as compared_lines
    from lines
    group by price_cut_id, category
),

measured as (
    select
        scopes.*,
        as_of.as_of_on >= scopes.window_ends_on
        and as_of.data_starts_on <= scopes.window_starts_on as is_complete,
        {%- for cell in cells %}
        coalesce(sums.{{ cell }}_lines, 0) as {{ cell }}_lines,
        coalesce(sums.{{ cell }}_orders, 0) as {{ cell }}_orders,
        coalesce(sums.{{ cell }}_units, 0) as {{ cell }}_units,
        coalesce(sums.{{ cell }}_sales_amount, 0) as {{ cell }}_sales_amount,
        sums.{{ cell }}_margin_amount,
        {{ ratio('sums.' ~ cell ~ '_units', 'sums.' ~ cell ~ '_lines') }} as {{ cell }}_units_per_line,
        {%- endfor %}
        (sums.after_log_mean - sums.before_log_mean)
        - (sums.control_after_log_mean - sums.control_before_log_mean) as log_units_effect,
        sqrt(
            sums.after_log_variance / sums.after_log_lines
            + sums.before_log_variance / sums.before_log_lines
            + sums.control_after_log_variance / sums.control_after_log_lines
            + sums.control_before_log_variance / sums.control_before_log_lines
        ) as log_units_effect_standard_error
    from scopes
    cross join {{ ref('int_as_of') }} as as_of
    left join sums
        on
            scopes.price_cut_id = sums.price_cut_id
            and scopes.category = sums.category
),

factors as (
    select
        {%- for control, measure in control_measures %}
        case
            when is_complete and {{ control }}before_{{ measure }} > 0
                then {{ ratio(control ~ 'after_' ~ measure, control ~ 'before_' ~ measure) }}
        end as {{ control }}{{ measure | replace('_amount', '') }}_factor,
        {%- endfor %}
        *
    from measured
)

select
    factors.price_cut_id,
    factors.category,
    case when factors.category = 'all' then 'catalog' else 'category' end as scope,
    factors.catalog_id,
    catalogs.catalog_name,
    factors.items,
    factors.repriced_items,
    {{ ratio('factors.new_price - factors.previous_price', 'factors.previous_price') }} as price_change_rate,
    {%- for cell in cells %}
    factors.{{ cell }}_lines,
    factors.{{ cell }}_orders,
    cast(factors.{{ cell }}_units as decimal(18, 4)) as {{ cell }}_units,
    cast(factors.{{ cell }}_sales_amount as decimal(18, 4)) as {{ cell }}_sales_amount,
    cast(factors.{{ cell }}_margin_amount as decimal(18, 4)) as {{ cell }}_margin_amount,
    factors.{{ cell }}_units_per_line,
    {%- endfor %}
    {%- for name in ['orders', 'units', 'sales', 'margin', 'units_per_line'] %}
    factors.{{ name }}_factor,
    factors.control_{{ name }}_factor,
    case
        when factors.control_{{ name }}_factor > 0
            then {{ ratio('factors.' ~ name ~ '_factor', 'factors.control_' ~ name ~ '_factor') }}
    end as {{ name }}_effect,
    {%- endfor %}
    case when factors.is_complete then factors.log_units_effect end as log_units_effect,
    case when factors.is_complete then factors.log_units_effect_standard_error end as log_units_effect_standard_error,
    coalesce(
        factors.is_complete and abs(factors.log_units_effect) > 1.96 * factors.log_units_effect_standard_error, false
    ) as is_significant,
    {{ is_reportable('least(
        factors.before_lines, factors.after_lines, factors.control_before_lines, factors.control_after_lines
    )') }} as is_reportable,
    factors.is_complete,
    factors.cut_on,
    factors.window_starts_on,
    factors.window_ends_on
from factors
inner join {{ ref('dim_catalog') }} as catalogs
    on factors.catalog_id = catalogs.catalog_id
