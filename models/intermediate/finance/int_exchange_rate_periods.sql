-- Grain: one row per currency and the period a rate is in effect. Key: currency_code, valid_from. The base currency
-- has one period, at 1. A rate holds until the next one, at most exchange_rate_max_age_days. Of several rates of one
-- currency and day the one whose id comes first holds: that of the system whose name comes first.
with exchange_rates as (
    select
        currency_code,
        rate_on,
        min_by(rate_to_base, exchange_rate_id) as rate_to_base
    from {{ ref('exchange_rates') }}
    group by currency_code, rate_on
)

select
    currency_code,
    rate_on as valid_from,
    {{ rate_valid_until() }} as valid_until,
    rate_to_base
from exchange_rates
where currency_code <> '{{ var("base_currency") }}'

union all

select
    '{{ var("base_currency") }}' as currency_code,
    {{ beginning() }} as valid_from,
    {{ end_of_time() }} as valid_until,
    cast(1 as decimal(18, 8)) as rate_to_base
