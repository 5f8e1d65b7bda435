-- Grain: one row per NPS class: promoter, passive, detractor, and no_answer for customers that never answered. Key:
-- nps_class. Additive over classes, except shares and rates. As of the last day of data. Customers only, each with
-- its class of today (int_account_nps); net sales of the last twelve months, returns on the day they were credited.
-- Who answers is not chosen at random: a difference between classes is no effect of satisfaction.
with sales as (
    select
        orders.account_id,
        sum(orders.net_amount) as net_amount
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    where
        orders.is_valid
        and {{ is_in_last_12_months('orders.ordered_on') }}
    group by orders.account_id
),

returned as (
    select
        returned.account_id,
        sum(returned.refund_amount) as refund_amount
    from {{ ref('fct_returns') }} as returned
    cross join {{ ref('int_as_of') }} as as_of
    where
        returned.is_valid
        and {{ is_in_last_12_months('returned.returned_on') }}
    group by returned.account_id
),

losses as (
    select
        account_id,
        max(lost_on) as last_lost_on,
        bool_or(won_back_on is null) as is_lost
    from {{ ref('int_account_losses') }}
    group by account_id
),

customers as (
    select
        accounts.account_id,
        coalesce(account_nps.nps_class, 'no_answer') as nps_class,
        coalesce(account_nps.respondents, 0) as respondents,
        coalesce(sales.net_amount, 0) - coalesce(returned.refund_amount, 0) as net_sales_12m_amount,
        coalesce(losses.is_lost, false) as is_lost,
        losses.last_lost_on > account_nps.last_responded_on as is_lost_after_answer
    from {{ ref('dim_account') }} as accounts
    left join {{ ref('int_account_nps') }} as account_nps
        on accounts.account_id = account_nps.account_id
    left join sales
        on accounts.account_id = sales.account_id
    left join returned
        on accounts.account_id = returned.account_id
    left join losses
        on accounts.account_id = losses.account_id
    where accounts.is_customer and not accounts.is_test
),

classes as (
    select
        nps_class,
        count(*) as customers,
        sum(respondents) as respondents,
        sum(net_sales_12m_amount) as net_sales_12m_amount,
        count(*) filter (where is_lost) as lost_customers,
        case when nps_class <> 'no_answer' then count(*) filter (where is_lost_after_answer) end
            as customers_lost_after_answer
    from customers
    group by nps_class
),

classes_of_all as (
    select
        *,
        cast(sum(customers) over () as bigint) as all_customers
    from classes
)

select
    nps_class,
    customers,
    cast(respondents as bigint) as respondents,
    all_customers,
    {{ ratio('customers', 'all_customers') }} as customer_share_rate,
    {{ wilson_bounds('customers', 'all_customers', 'customer_share_rate') }},
    {{ is_reportable('all_customers') }} as is_customer_share_rate_reportable,
    cast(net_sales_12m_amount as decimal(18, 4)) as net_sales_12m_amount,
    {{ ratio('net_sales_12m_amount', 'sum(net_sales_12m_amount) over ()') }} as net_sales_share_rate,
    {{ ratio('net_sales_12m_amount', 'customers') }} as net_sales_per_customer_amount,
    lost_customers,
    customers_lost_after_answer,
    {{ ratio('customers_lost_after_answer', 'customers') }} as lost_after_answer_rate,
    {{ wilson_bounds('customers_lost_after_answer', 'customers', 'lost_after_answer_rate') }},
    {{ is_reportable('customers') }} as is_reportable,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from classes_of_all
