-- Grain: one row per way of counting and number of purchases that at least one customer reached. Key: counted_by,
-- purchase_number. Not additive. As of the last day of data. Of the customers with n purchases or more, how many made
-- another one. Counted by orders or by order_days (orders of one day are one purchase). Recent customers have had
-- little time, so that the rate is a lower bound of what it will be.
with customers as (
    select
        account_id,
        cast(sum(orders) as bigint) as orders,
        count(*) as order_days
    from {{ ref('int_account_order_days') }}
    group by account_id
),

customers_by_purchases as (
    {% for counted_by in ['orders', 'order_days'] -%}
    select
        '{{ counted_by }}' as counted_by,
        {{ counted_by }} as purchases,
        count(*) as customers
    from customers
    group by {{ counted_by }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

most_purchases as (
    select
        counted_by,
        max(purchases) as purchases
    from customers_by_purchases
    group by counted_by
),

numbers as (
    select
        most_purchases.counted_by,
        cast(numbers.number_less_one + 1 as bigint) as purchase_number
    from most_purchases
    inner join range(100000) as numbers (number_less_one)
        on most_purchases.purchases > numbers.number_less_one
),

counts as (
    select
        numbers.counted_by,
        numbers.purchase_number,
        cast(sum(customers.customers) as bigint) as customers,
        cast(coalesce(sum(customers.customers) filter (
            where customers.purchases > numbers.purchase_number
        ), 0) as bigint) as customers_continued
    from numbers
    inner join customers_by_purchases as customers
        on
            numbers.counted_by = customers.counted_by
            and numbers.purchase_number <= customers.purchases
    group by numbers.counted_by, numbers.purchase_number
)

select
    counted_by,
    purchase_number,
    customers,
    customers_continued,
    {{ ratio('customers_continued', 'customers') }} as repeat_rate,
    {{ wilson_bounds('customers_continued', 'customers', 'repeat_rate') }},
    {{ is_reportable('customers') }} as is_reportable,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from counts
