-- Grain: one row per account and period in which nothing changed. Key: account_id, valid_from; also
-- account_period_id. The periods of an account cover all time without gap or overlap, so that an event finds exactly
-- one. The first known version also stands for the time before it; what a version leaves empty is as it is today. Of
-- several catalogs at once the one assigned last counts.
with accounts as (
    select * from {{ ref('int_accounts_unified') }}
),

versions as (
    select
        account_id,
        valid_from,
        max_by(company_size, account_version_id) as company_size,
        max_by(industry, account_version_id) as industry,
        max_by(owner_rep_id, account_version_id) as owner_rep_id
    from {{ ref('account_versions') }}
    group by account_id, valid_from
),

version_periods as (
    select
        account_id,
        company_size,
        industry,
        owner_rep_id,
        case
            when lag(valid_from) over (partition by account_id order by valid_from) is null then {{ beginning() }}
            else valid_from
        end as valid_from,
        coalesce(
            lead(valid_from) over (partition by account_id order by valid_from), {{ end_of_time() }}
        ) as valid_until
    from versions
),

assignments as (
    select
        account_id,
        catalog_id,
        valid_from,
        case
            when valid_to < {{ end_of_time() }} then cast({{ dbt.dateadd('day', 1, 'valid_to') }} as date)
            else {{ end_of_time() }}
        end as valid_until
    from {{ ref('catalog_assignments') }}
),

change_days as (
    select
        account_id,
        {{ beginning() }} as valid_from
    from accounts
    union
    select
        account_id,
        valid_from
    from version_periods
    union
    select
        account_id,
        valid_from
    from assignments
    union
    select
        account_id,
        valid_until as valid_from
    from assignments
    where valid_until < {{ end_of_time() }}
),

periods as (
    select
        account_id,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by account_id order by valid_from), {{ end_of_time() }}
        ) as valid_until
    from change_days
),

period_catalogs as (
    select
        periods.account_id,
        periods.valid_from,
        max_by(
            assignments.catalog_id, cast(assignments.valid_from as varchar) || assignments.catalog_id
        ) as catalog_id
    from periods
    inner join assignments
        on
            periods.account_id = assignments.account_id
            and periods.valid_from >= assignments.valid_from
            and periods.valid_from < assignments.valid_until
    group by periods.account_id, periods.valid_from
)

select
    periods.account_id || '@' || cast(periods.valid_from as varchar) as account_period_id,
    periods.account_id,
    coalesce(version_periods.company_size, accounts.company_size) as company_size,
    coalesce(version_periods.industry, accounts.industry) as industry,
    coalesce(version_periods.owner_rep_id, accounts.owner_rep_id) as owner_rep_id,
    period_catalogs.catalog_id,
    periods.valid_from,
    periods.valid_until
from periods
inner join accounts
    on periods.account_id = accounts.account_id
left join version_periods
    on
        periods.account_id = version_periods.account_id
        and periods.valid_from >= version_periods.valid_from
        and periods.valid_from < version_periods.valid_until
left join period_catalogs
    on
        periods.account_id = period_catalogs.account_id
        and periods.valid_from = period_catalogs.valid_from
