-- Grain: one row per month in which leads came in and source, months without leads included. Key: month_start,
-- source. Additive, except rates and medians. Clock: created_on (cohort). Conversion: leads of companies that were no
-- customers yet and placed their first order within lead_conversion_days / such leads; complete only when these days
-- have passed for the whole month. Leads of companies that had already bought are shown apart. Response times are
-- those of all leads.
with months as (
    select
        months.*,
        as_of.as_of_on
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

leads as (
    select
        leads.*,
        coalesce(leads.source, 'unknown') as lead_source,
        case
            when {{ local_date('leads.first_responded_at') }} <= as_of.as_of_on
                then {{ hours_between('leads.created_at', 'leads.first_responded_at') }}
        end as response_hours,
        case
            when {{ local_date('leads.first_responded_at') }} <= as_of.as_of_on
                then {{ business_hours_between('leads.created_at', 'leads.first_responded_at') }}
        end as response_business_hours
    from {{ ref('fct_leads') }} as leads
    cross join {{ ref('int_as_of') }} as as_of
    where leads.is_valid
),

sources as (
    select lead_source
    from leads
    group by lead_source
),

counts as (
    select
        {{ month_of('created_on') }} as month_start,
        lead_source,
        count(*) filter (where not is_existing_customer) as leads,
        count(*) filter (where not is_existing_customer and is_converted) as converted_leads,
        count(*) filter (where is_existing_customer) as existing_customer_leads,
        count(response_hours) as responded_leads,
        {{ median_and_p90('response_hours', 'response_hours') }},
        {{ median_and_p90('response_business_hours', 'response_business_hours') }}
    from leads
    group by {{ month_of('created_on') }}, lead_source
),

cells as (
    select
        months.month_start,
        months.month_end,
        months.as_of_on,
        months.is_complete,
        sources.lead_source as source,
        coalesce(counts.leads, 0) as leads,
        coalesce(counts.converted_leads, 0) as converted_leads,
        coalesce(counts.existing_customer_leads, 0) as existing_customer_leads,
        coalesce(counts.responded_leads, 0) as responded_leads,
        counts.median_response_hours,
        counts.p90_response_hours,
        counts.median_response_business_hours,
        counts.p90_response_business_hours
    from months
    cross join sources
    left join counts
        on
            months.month_start = counts.month_start
            and sources.lead_source = counts.lead_source
)

select
    month_start,
    source,
    leads,
    converted_leads,
    existing_customer_leads,
    responded_leads,
    leads + existing_customer_leads - responded_leads as unanswered_leads,
    {{ ratio('converted_leads', 'leads') }} as lead_conversion_rate,
    {{ wilson_bound('converted_leads', 'leads', 'low') }} as lead_conversion_rate_low,
    {{ wilson_bound('converted_leads', 'leads', 'high') }} as lead_conversion_rate_high,
    {{ ratio('responded_leads', 'leads + existing_customer_leads') }} as responded_rate,
    {{ wilson_bounds('responded_leads', 'leads + existing_customer_leads', 'responded_rate') }},
    {{ is_reportable('leads + existing_customer_leads') }} as is_responded_rate_reportable,
    median_response_hours,
    p90_response_hours,
    median_response_business_hours,
    p90_response_business_hours,
    {{ is_reportable('leads') }} as is_reportable,
    is_complete
    and {{ dbt.dateadd('day', var('lead_conversion_days'), 'month_end') }} <= as_of_on as is_complete_period
from cells
