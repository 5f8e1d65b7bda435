-- Grain: one row per period in which leads came in and source: each month, months without leads included, and all
-- complete months together (period = all). Key: period, source. Additive over months and sources, except rates and
-- medians; never add all to the months. Clock: created_on (cohort). Conversion: leads of companies that were no
-- customers yet and placed their first order within lead_conversion_days / such leads; complete only when these days
-- have passed for the whole month. Leads of companies that had already bought are shown apart. Response times are
-- those of all leads.
with months as (
    select
        months.month_start,
        months.is_complete
        and {{ dbt.dateadd('day', var('lead_conversion_days'), 'months.month_end') }} <= as_of.as_of_on as is_complete
    from {{ ref('int_months') }} as months
    cross join {{ ref('int_as_of') }} as as_of
),

{{ periods_and_their_months('months') }},

leads as (
    select
        leads.*,
        {{ month_of('leads.created_on') }} as month_start,
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
        period_months.period,
        leads.lead_source,
        count(*) filter (where not leads.is_existing_customer) as leads,
        count(*) filter (where not leads.is_existing_customer and leads.is_converted) as converted_leads,
        count(*) filter (where leads.is_existing_customer) as existing_customer_leads,
        count(leads.response_hours) as responded_leads,
        {{ median_and_p90('leads.response_hours', 'response_hours') }},
        {{ median_and_p90('leads.response_business_hours', 'response_business_hours') }}
    from leads
    inner join period_months
        on leads.month_start = period_months.month_start
    group by period_months.period, leads.lead_source
),

cells as (
    select
        periods.period,
        periods.month_start,
        periods.is_complete,
        sources.lead_source as source,
        coalesce(counts.leads, 0) as leads,
        coalesce(counts.converted_leads, 0) as converted_leads,
        coalesce(counts.existing_customer_leads, 0) as existing_customer_leads,
        coalesce(counts.responded_leads, 0) as responded_leads,
        counts.median_response_hours,
        counts.p90_response_hours,
        counts.median_response_business_hours,
        counts.p90_response_business_hours
    from periods
    cross join sources
    left join counts
        on
            periods.period = counts.period
            and sources.lead_source = counts.lead_source
)

select
    period,
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
    is_complete as is_complete_period
from cells
