-- Grain: one row. What the published numbers are stated in and for: their day, currency and time zone.
select
    as_of_on,
    data_starts_on,
    '{{ var("base_currency") }}' as base_currency,
    '{{ var("reporting_timezone") }}' as reporting_timezone
from {{ ref('int_as_of') }}
