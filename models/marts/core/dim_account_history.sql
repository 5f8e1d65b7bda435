-- Grain: one row per account and period in which segment, owner and catalog did not change. Key: account_period_id,
-- which the facts carry: it tells what the account was like on the day of the event. valid_until is the first day
-- after.
select
    periods.account_period_id,
    periods.account_id,
    periods.owner_rep_id,
    periods.catalog_id,
    periods.company_size,
    periods.industry,
    -- without any data there is no as_of
    coalesce(
        periods.valid_from <= as_of.as_of_on and as_of.as_of_on < periods.valid_until,
        periods.valid_until = {{ end_of_time() }}
    ) as is_current,
    periods.valid_from,
    periods.valid_until
from {{ ref('int_account_periods') }} as periods
cross join {{ ref('int_as_of') }} as as_of
