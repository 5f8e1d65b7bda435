-- Grain: one row per period and order channel that occurs at all: each month, zero-filled, and all complete months
-- together (period = all). Key: period, order_channel. Additive over months and channels: orders, lines, units,
-- amounts; accounts and medians are not; never add all to the months. Clock: order day; returns by day of credit,
-- in the channel of their order (unknown when a credit names none). Order size is before returns. An order is
-- self-service when it came by one of self_service_channels and not from a quote that a seller had sent.
-- placed_orders = orders + cancelled_orders; those cancelled after shipment are in orders, and taken back as returns.
with {{ periods_and_their_months(ref('int_months')) }},

orders as (
    select
        orders.order_id,
        orders.account_id,
        orders.order_channel,
        orders.lines,
        orders.units,
        orders.gross_amount,
        orders.net_amount,
        orders.is_valid,
        orders.is_cancelled_after_shipment,
        -- cancelled before it was shipped or paid, and a sale otherwise
        coalesce(
            orders.exclusion_reason = 'cancelled'
            and orders.order_type not in ('replacement', 'sample')
            {% if var('exclude_orders_without_buyer') -%}
            and orders.account_id is not null
            {% endif -%}
            and orders.charged_amount <> 0
            and orders.ordered_on <= as_of.as_of_on,
            false
        ) as is_cancelled,
        orders.order_channel in ('{{ var("self_service_channels") | join("', '") }}')
        and coalesce(quotes.rounds, 0) = 0 as is_self_service,
        {{ month_of('orders.ordered_on') }} as month_start
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of') }} as as_of
    left join {{ ref('fct_quotes') }} as quotes
        on orders.quote_id = quotes.quote_id
),

orders_by_channel as (
    select
        period_months.period,
        orders.order_channel,
        count(*) filter (where orders.is_valid) as orders,
        count(*) filter (where orders.is_cancelled) as cancelled_orders,
        count(*) filter (where orders.is_valid and orders.is_cancelled_after_shipment)
            as cancelled_after_shipment_orders,
        count(*) filter (where orders.is_valid and orders.is_self_service) as self_service_orders,
        count(distinct orders.account_id) filter (where orders.is_valid) as accounts,
        sum(orders.lines) filter (where orders.is_valid) as lines,
        sum(orders.units) filter (where orders.is_valid) as units,
        sum(orders.gross_amount) filter (where orders.is_valid) as gross_amount,
        sum(orders.gross_amount) as gross_incl_cancelled_amount,
        sum(orders.net_amount) filter (where orders.is_valid) as sales_amount,
        sum(orders.net_amount) filter (where orders.is_valid and orders.is_self_service) as self_service_sales_amount,
        median(cast(orders.net_amount as double)) filter (where orders.is_valid) as median_order_amount
    from orders
    inner join period_months
        on orders.month_start = period_months.month_start
    where
        orders.is_valid
        or orders.is_cancelled
    group by period_months.period, orders.order_channel
),

returns_by_channel as (
    select
        period_months.period,
        ledger.order_channel,
        sum(ledger.returns_amount) as returns_amount
    from {{ ref('int_sales_ledger') }} as ledger
    inner join period_months
        on ledger.month_start = period_months.month_start
    where ledger.entry_type = 'return'
    group by period_months.period, ledger.order_channel
),

channels as (
    select order_channel from orders_by_channel
    union
    select order_channel from returns_by_channel
),

channel_periods as (
    select
        periods.period,
        periods.month_start,
        channels.order_channel,
        periods.is_complete as is_complete_period,
        {%- for count in [
            'orders', 'cancelled_orders', 'cancelled_after_shipment_orders', 'self_service_orders', 'accounts', 'lines',
            'units', 'gross_amount', 'gross_incl_cancelled_amount', 'sales_amount', 'self_service_sales_amount'
        ] %}
        coalesce(sales.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        sales.median_order_amount,
        coalesce(returned.returns_amount, 0) as returns_amount,
        coalesce(sales.sales_amount, 0) - coalesce(returned.returns_amount, 0) as net_sales_amount
    from periods
    cross join channels
    left join orders_by_channel as sales
        on
            periods.period = sales.period
            and channels.order_channel = sales.order_channel
    left join returns_by_channel as returned
        on
            periods.period = returned.period
            and channels.order_channel = returned.order_channel
),

period_totals as (
    select
        period,
        sum(orders) as period_orders,
        sum(net_sales_amount) as period_net_sales_amount
    from channel_periods
    group by period
)

select
    channel_periods.period,
    channel_periods.month_start,
    channel_periods.order_channel,
    channel_periods.orders,
    cast(period_totals.period_orders as bigint) as period_orders,
    channel_periods.cancelled_orders,
    channel_periods.cancelled_after_shipment_orders,
    channel_periods.orders + channel_periods.cancelled_orders as placed_orders,
    channel_periods.self_service_orders,
    channel_periods.accounts,
    cast(channel_periods.lines as bigint) as lines,
    cast(channel_periods.units as decimal(18, 4)) as units,
    cast(channel_periods.gross_amount as decimal(18, 4)) as gross_sales_amount,
    cast(channel_periods.gross_incl_cancelled_amount as decimal(18, 4)) as gross_sales_incl_cancelled_amount,
    cast(channel_periods.sales_amount as decimal(18, 4)) as sales_amount,
    cast(channel_periods.self_service_sales_amount as decimal(18, 4)) as self_service_sales_amount,
    cast(channel_periods.returns_amount as decimal(18, 4)) as returns_amount,
    cast(channel_periods.net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(period_totals.period_net_sales_amount as decimal(18, 4)) as period_net_sales_amount,
    {{ ratio('channel_periods.sales_amount', 'channel_periods.orders') }} as average_order_amount,
    channel_periods.median_order_amount,
    {{ ratio('channel_periods.lines', 'channel_periods.orders') }} as lines_per_order,
    {{ ratio('channel_periods.units', 'channel_periods.orders') }} as units_per_order,
    {{ ratio('channel_periods.orders', 'period_totals.period_orders') }} as order_share_rate,
    {{ wilson_bounds('channel_periods.orders', 'period_totals.period_orders', 'order_share_rate') }},
    {{ is_reportable('period_totals.period_orders') }} as is_order_share_rate_reportable,
    {{ ratio('channel_periods.net_sales_amount', 'period_totals.period_net_sales_amount') }} as net_sales_share_rate,
    {{ ratio('channel_periods.self_service_orders', 'channel_periods.orders') }} as self_service_rate,
    {{ wilson_bounds('channel_periods.self_service_orders', 'channel_periods.orders', 'self_service_rate') }},
    {{ ratio(
        'channel_periods.cancelled_orders + channel_periods.cancelled_after_shipment_orders',
        'channel_periods.orders + channel_periods.cancelled_orders'
    ) }} as cancellation_rate,
    {{ wilson_bounds(
        'channel_periods.cancelled_orders + channel_periods.cancelled_after_shipment_orders',
        'channel_periods.orders + channel_periods.cancelled_orders',
        'cancellation_rate'
    ) }},
    {{ is_reportable('channel_periods.orders + channel_periods.cancelled_orders') }} as is_cancellation_rate_reportable,
    {{ is_reportable('channel_periods.orders') }} as is_reportable,
    channel_periods.is_complete_period
from channel_periods
inner join period_totals
    on channel_periods.period = period_totals.period
