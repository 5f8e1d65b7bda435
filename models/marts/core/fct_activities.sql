-- Grain: one row per contact between sales and a customer. Key: activity_id. Additive. Clock: occurred_on.
select
    activities.activity_id,
    activities.account_id,
    account_periods.account_period_id,
    activities.contact_id,
    activities.rep_id,
    activities.opportunity_id,
    coalesce(activities.activity_type, 'unknown') as activity_type,
    activities.direction,
    activities.duration_minutes,
    {{ counts_on(local_date('activities.occurred_at')) }} as is_valid,
    {{ local_date('activities.occurred_at') }} as occurred_on,
    activities.occurred_at
from {{ ref('activities') }} as activities
{{ join_account_and_as_of('activities.account_id', 'activities.contact_id') }}
{{ join_account_period('activities.account_id', local_date('activities.occurred_at')) }}
