-- Grain: one row per currency and the period a rate is in effect. Key: currency_code, valid_from. The base currency
-- has one period, at 1. A rate holds until the next one, at most exchange_rate_max_age_days.
select
    currency_code,
    rate_on as valid_from,
    {{ rate_valid_until() }} as valid_until,
    rate_to_base
from {{ ref('exchange_rates') }}
where currency_code <> '{{ var("base_currency") }}'

union all

select
    '{{ var("base_currency") }}' as currency_code,
    {{ beginning() }} as valid_from,
    {{ end_of_time() }} as valid_until,
    cast(1 as decimal(18, 8)) as rate_to_base
