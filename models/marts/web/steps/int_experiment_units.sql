-- Grain: one row per experiment and unit that takes part in it. Key: experiment_assignment_id. Clock: assigned_at.
-- What a unit did after it was assigned: a visitor, web orders; an account, orders of any channel. An experiment
-- lasts to the local day of its last assignment: afterwards everyone may see one variant, and orders say nothing
-- about the other. Who was assigned stays in, whether it came back or not; units of robots, staff and testers are
-- flagged.
with assignments as (
    select
        experiment_assignment_id,
        experiment_id,
        variant,
        -- trackers assign visitors
        coalesce(unit_type, 'visitor') as unit_type,
        unit_id,
        assigned_at
    from {{ ref('experiment_assignments') }}
    cross join {{ ref('int_as_of') }} as as_of
    where {{ local_date('assigned_at') }} <= as_of.as_of_on
),

experiments as (
    select
        experiment_id,
        {{ local_date('max(assigned_at)') }} as ended_on
    from assignments
    group by experiment_id
),

excluded_units as (
    select
        'visitor' as unit_type,
        visitor_id as unit_id
    from {{ ref('fct_sessions') }}
    where is_robot or is_staff
    group by visitor_id

    union all

    select
        'account' as unit_type,
        account_id as unit_id
    from {{ ref('dim_account') }}
    where is_test
),

unit_orders as (
    select
        'visitor' as unit_type,
        coalesce(sessions.visitor_id, orders.visitor_id) as unit_id,
        orders.order_id,
        orders.net_amount,
        orders.is_valid,
        orders.ordered_on,
        orders.ordered_at
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('fct_sessions') }} as sessions
        on orders.session_id = sessions.session_id
    where
        orders.order_channel in ('{{ var("web_order_channels") | join("', '") }}')
        or orders.session_id is not null

    union all

    select
        'account' as unit_type,
        account_id as unit_id,
        order_id,
        net_amount,
        is_valid,
        ordered_on,
        ordered_at
    from {{ ref('fct_orders') }}
),

assigned_orders as (
    select
        assignments.experiment_assignment_id,
        count(*) as placed_orders,
        count(*) filter (where unit_orders.is_valid) as orders,
        sum(unit_orders.net_amount) filter (where unit_orders.is_valid) as sales_amount
    from assignments
    inner join experiments
        on assignments.experiment_id = experiments.experiment_id
    inner join unit_orders
        on
            assignments.unit_type = unit_orders.unit_type
            and assignments.unit_id = unit_orders.unit_id
            and assignments.assigned_at <= unit_orders.ordered_at
            and experiments.ended_on >= unit_orders.ordered_on
    group by assignments.experiment_assignment_id
)

select
    assignments.experiment_assignment_id,
    assignments.experiment_id,
    assignments.variant,
    assignments.unit_type,
    assignments.unit_id,
    coalesce(assigned_orders.placed_orders, 0) as placed_orders,
    coalesce(assigned_orders.orders, 0) as orders,
    cast(coalesce(assigned_orders.sales_amount, 0) as decimal(18, 4)) as sales_amount,
    excluded_units.unit_id is not null as is_excluded,
    experiments.ended_on,
    assignments.assigned_at
from assignments
inner join experiments
    on assignments.experiment_id = experiments.experiment_id
left join excluded_units
    on
        assignments.unit_type = excluded_units.unit_type
        and assignments.unit_id = excluded_units.unit_id
left join assigned_orders
    on assignments.experiment_assignment_id = assigned_orders.experiment_assignment_id
