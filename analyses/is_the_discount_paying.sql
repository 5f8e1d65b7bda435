-- Is a catalog's lower price paying for itself? Of each price cut: what became of units, sales and margin of the
-- items concerned, against the same items in the other catalogs. 1.20 is a fifth more than without the cut. A cut
-- pays when the margin did not suffer.
select
    cut_on,
    catalog_name,
    items,
    round(100 * price_change_rate, 1) as price_change_percent,
    round(units_effect, 2) as units_effect,
    round(sales_effect, 2) as sales_effect,
    round(margin_effect, 2) as margin_effect,
    case
        when not is_complete then 'the 90 days after it are not over'
        when not is_reportable then 'too few lines to tell'
        when not is_significant or units_effect <= 1 then 'no more demand that could be told from chance: given away'
        when margin_effect >= 1 then 'it pays'
        else 'it sells more, and earns less'
    end as verdict
from {{ ref('kpi_catalog_discount_effect') }}
where category = 'all'
order by cut_on desc, catalog_name asc
