-- Grain: one row per company size (and all of them) and outcome of deals. Key: company_size, outcome. Deals and
-- contacts are additive over sizes and outcomes, except size all; averages and medians are not. A person in two deals
-- counts in each. Clock: all deals up to as_of; open ones are not finished and look smaller.
with deals as (
    select * from {{ ref('kpi_buying_group') }}
),

deals_by_size as (
    select
        company_size as size_class,
        deals.*
    from deals
    union all
    select
        'all' as size_class,
        deals.*
    from deals
)

select
    size_class as company_size,
    outcome,
    count(*) as deals,
    count(*) filter (where contacts > 0) as deals_with_contacts,
    count(*) filter (where has_decision_maker) as deals_with_decision_maker,
    cast(sum(contacts) as bigint) as contacts,
    cast(sum(buying_roles) as bigint) as buying_roles,
    {{ ratio('sum(contacts)', 'count(*)') }} as contacts_per_deal,
    median(cast(contacts as double)) as median_contacts,
    {{ ratio('sum(buying_roles)', 'count(*)') }} as buying_roles_per_deal,
    {{ ratio('count(*) filter (where has_decision_maker)', 'count(*)') }} as decision_maker_rate,
    {{ wilson_bounds('count(*) filter (where has_decision_maker)', 'count(*)', 'decision_maker_rate') }},
    {{ is_reportable('count(*)') }} as is_reportable
from deals_by_size
group by size_class, outcome
