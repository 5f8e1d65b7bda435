-- Grain: one row per catalog, those that only orders, quotes or assignments name included. Key: catalog_id.
with named_catalogs as (
    select catalog_id from {{ ref('catalogs') }}
    union
    select catalog_id from {{ ref('fct_orders') }}
    where catalog_id is not null
    union
    select catalog_id from {{ ref('int_quotes_judged') }}
    where catalog_id is not null
    union
    select catalog_id from {{ ref('int_account_periods') }}
    where catalog_id is not null
)

select
    named_catalogs.catalog_id,
    coalesce(catalogs.catalog_name, named_catalogs.catalog_id) as catalog_name,
    catalogs.target_group,
    catalogs.catalog_id is not null as is_listed
from named_catalogs
left join {{ ref('catalogs') }} as catalogs
    on named_catalogs.catalog_id = catalogs.catalog_id
