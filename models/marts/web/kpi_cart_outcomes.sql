-- Grain: one row per month and company size of the visitor, zeros included. Key: month_start, company_size. Additive,
-- but for visitors and ratios. Clock: created_on of the cart; started_on of the session in the session and visitor
-- variants. Three rates that are not the same number: of carts, of sessions, of visitors. A cart turned into a quote
-- was not abandoned, an open one is not decided. Rates of carts are empty until the window of the month's last cart
-- is over: before, the ordered ones are known and the abandoned ones are not.
with months as (
    select * from {{ ref('int_months') }}
),

visits as (
    select * from {{ ref('int_sessions_measured') }}
    where is_valid
),

cart_sums as (
    select
        {{ month_of('carts.created_on') }} as month_start,
        visits.company_size,
        count(*) as carts,
        count(*) filter (where carts.outcome = 'ordered') as ordered_carts,
        count(*) filter (where carts.outcome = 'converted_to_quote') as quoted_carts,
        count(*) filter (where carts.outcome = 'abandoned') as abandoned_carts,
        count(*) filter (where carts.outcome = 'open') as open_carts,
        count(*) filter (where carts.has_checkout and carts.outcome <> 'open') as checkouts,
        count(*) filter (where carts.has_checkout and carts.outcome = 'abandoned') as abandoned_checkouts
    from {{ ref('fct_carts') }} as carts
    -- the session of the first addition: its valid carts are those of valid sessions
    inner join visits
        on carts.session_id = visits.session_id
    group by {{ month_of('carts.created_on') }}, visits.company_size
),

session_sums as (
    select
        month_start,
        company_size,
        count(*) as cart_sessions,
        count(*) filter (where not has_order) as abandoned_cart_sessions
    from visits
    where cart_additions > 0
    group by month_start, company_size
),

visitor_months as (
    select
        month_start,
        company_size,
        visitor_key,
        bool_or(has_order) as has_order
    from visits
    group by month_start, company_size, visitor_key
    having sum(cart_additions) > 0
),

visitor_sums as (
    select
        month_start,
        company_size,
        count(*) as cart_visitors,
        count(*) filter (where not has_order) as abandoned_cart_visitors
    from visitor_months
    group by month_start, company_size
),

company_sizes as (
    select company_size from visits
    group by company_size
),

month_counts as (
    select
        months.month_start,
        company_sizes.company_size,
        coalesce(cart_sums.carts, 0) as carts,
        coalesce(cart_sums.ordered_carts, 0) as ordered_carts,
        coalesce(cart_sums.quoted_carts, 0) as quoted_carts,
        coalesce(cart_sums.abandoned_carts, 0) as abandoned_carts,
        coalesce(cart_sums.open_carts, 0) as open_carts,
        coalesce(cart_sums.checkouts, 0) as checkouts,
        coalesce(cart_sums.abandoned_checkouts, 0) as abandoned_checkouts,
        coalesce(session_sums.cart_sessions, 0) as cart_sessions,
        coalesce(session_sums.abandoned_cart_sessions, 0) as abandoned_cart_sessions,
        coalesce(visitor_sums.cart_visitors, 0) as cart_visitors,
        coalesce(visitor_sums.abandoned_cart_visitors, 0) as abandoned_cart_visitors,
        months.is_complete
        and {{ dbt.dateadd('day', var('cart_window_days'), 'months.month_end') }} <= as_of.as_of_on
            as is_complete_period
    from months
    cross join {{ ref('int_as_of') }} as as_of
    cross join company_sizes
    {% for sums in ['cart_sums', 'session_sums', 'visitor_sums'] -%}
    left join {{ sums }}
        on
            months.month_start = {{ sums }}.month_start
            and company_sizes.company_size = {{ sums }}.company_size
    {% endfor %}
),

decided_counts as (
    select
        *,
        carts - open_carts as decided_carts
    from month_counts
)

select
    month_start,
    company_size,
    carts,
    ordered_carts,
    quoted_carts,
    abandoned_carts,
    open_carts,
    decided_carts,
    checkouts,
    abandoned_checkouts,
    cart_sessions,
    abandoned_cart_sessions,
    cart_visitors,
    abandoned_cart_visitors,
    case
        when is_complete_period then {{ ratio('abandoned_carts', 'decided_carts') }}
    end as cart_abandonment_rate,
    {{ wilson_bounds('abandoned_carts', 'decided_carts', 'cart_abandonment_rate', when='is_complete_period') }},
    case
        when is_complete_period then {{ ratio('abandoned_checkouts', 'checkouts') }}
    end as checkout_abandonment_rate,
    {{ wilson_bounds('abandoned_checkouts', 'checkouts', 'checkout_abandonment_rate', when='is_complete_period') }},
    {{ is_reportable('checkouts') }} as is_checkout_abandonment_rate_reportable,
    {{ ratio('abandoned_cart_sessions', 'cart_sessions') }} as session_abandonment_rate,
    {{ wilson_bounds('abandoned_cart_sessions', 'cart_sessions', 'session_abandonment_rate') }},
    {{ is_reportable('cart_sessions') }} as is_session_abandonment_rate_reportable,
    {{ ratio('abandoned_cart_visitors', 'cart_visitors') }} as visitor_abandonment_rate,
    {{ wilson_bounds('abandoned_cart_visitors', 'cart_visitors', 'visitor_abandonment_rate') }},
    {{ is_reportable('cart_visitors') }} as is_visitor_abandonment_rate_reportable,
    {{ is_reportable('decided_carts') }} as is_reportable,
    is_complete_period
from decided_counts
