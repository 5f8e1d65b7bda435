-- Grain: one row per local day, rep and role. Key: sold_on, rep_id, role. role tells whose sales they are: booked,
-- those of the rep whom the order names, or owned, those of the accounts that were the rep's on the day, however they
-- ordered. Additive within one role. Clock: sold_on, the order's day for sales and the day of credit for returns. A
-- return goes to the reps of its order; one that names no order to the rep who owned the account when it was
-- credited. Margin reads what has a known cost only, sales and returns alike (costed_).
with line_costs as (
    select
        order_id,
        sum(net_amount) filter (where cost_amount is not null) as costed_amount,
        sum(cost_amount) as cost_amount,
        sum(agreed_amount) as agreed_amount
    from {{ ref('fct_order_lines') }}
    where is_valid
    group by order_id
),

orders as (
    select
        orders.order_id,
        orders.ordered_on,
        orders.gross_amount,
        orders.discount_amount,
        orders.net_amount,
        coalesce(line_costs.agreed_amount, 0) as agreed_amount,
        coalesce(line_costs.costed_amount, 0) as costed_amount,
        coalesce(line_costs.cost_amount, 0) as cost_amount,
        coalesce(orders.rep_id, 'unknown') as booked_rep_id,
        coalesce(account_periods.owner_rep_id, 'unknown') as owned_rep_id
    from {{ ref('fct_orders') }} as orders
    left join line_costs
        on orders.order_id = line_costs.order_id
    left join {{ ref('dim_account_history') }} as account_periods
        on orders.account_period_id = account_periods.account_period_id
    where orders.is_valid
),

returned as (
    select
        returned.returned_on,
        returned.refund_amount,
        case when returned.cost_amount is not null then returned.refund_amount else 0 end as costed_amount,
        coalesce(returned.cost_amount, 0) as cost_amount,
        coalesce(orders.booked_rep_id, 'unknown') as booked_rep_id,
        coalesce(orders.owned_rep_id, account_periods.owner_rep_id, 'unknown') as owned_rep_id
    from {{ ref('fct_returns') }} as returned
    left join orders
        on returned.order_id = orders.order_id
    left join {{ ref('dim_account_history') }} as account_periods
        on
            returned.account_id = account_periods.account_id
            and returned.returned_on >= account_periods.valid_from
            and returned.returned_on < account_periods.valid_until
    where returned.is_valid
),

movements as (
    {% for role in ['booked', 'owned'] -%}
    select
        '{{ role }}' as role,
        {{ role }}_rep_id as rep_id,
        ordered_on as sold_on,
        1 as orders,
        gross_amount,
        discount_amount,
        agreed_amount,
        net_amount as sales_amount,
        0 as returns_amount,
        costed_amount,
        cost_amount
    from orders
    union all
    select
        '{{ role }}' as role,
        {{ role }}_rep_id as rep_id,
        returned_on as sold_on,
        0 as orders,
        0 as gross_amount,
        0 as discount_amount,
        0 as agreed_amount,
        0 as sales_amount,
        refund_amount as returns_amount,
        -costed_amount as costed_amount,
        -cost_amount as cost_amount
    from returned
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    sold_on,
    rep_id,
    role,
    sum(orders) as orders,
    sum(gross_amount) as gross_amount,
    sum(discount_amount) as discount_amount,
    sum(agreed_amount) as agreed_amount,
    sum(sales_amount) as sales_amount,
    sum(returns_amount) as returns_amount,
    sum(costed_amount) as costed_amount,
    sum(cost_amount) as cost_amount
from movements
group by sold_on, rep_id, role
