-- Grain: one row per month and order channel that occurs at all, zero-filled. Key: month_start, order_channel.
-- Additive: orders, lines, units, amounts; accounts and medians are not. Clock: order day; returns by day of credit,
-- in the channel of their order (unknown when a credit names none). Order size is before returns. An order is
-- self-service when it came by one of self_service_channels and not from a quote that a seller had sent.
-- placed_orders = orders + cancelled_orders; those cancelled after shipment are in orders, and taken back as returns.
with orders as (
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
        month_start,
        order_channel,
        count(*) filter (where is_valid) as orders,
        count(*) filter (where is_cancelled) as cancelled_orders,
        count(*) filter (where is_valid and is_cancelled_after_shipment) as cancelled_after_shipment_orders,
        count(*) filter (where is_valid and is_self_service) as self_service_orders,
        count(distinct account_id) filter (where is_valid) as accounts,
        sum(lines) filter (where is_valid) as lines,
        sum(units) filter (where is_valid) as units,
        sum(gross_amount) filter (where is_valid) as gross_amount,
        sum(gross_amount) as gross_incl_cancelled_amount,
        sum(net_amount) filter (where is_valid) as sales_amount,
        sum(net_amount) filter (where is_valid and is_self_service) as self_service_sales_amount,
        median(cast(net_amount as double)) filter (where is_valid) as median_order_amount
    from orders
    where
        is_valid
        or is_cancelled
    group by month_start, order_channel
),

returns_by_channel as (
    select
        month_start,
        order_channel,
        sum(returns_amount) as returns_amount
    from {{ ref('int_sales_ledger') }}
    where entry_type = 'return'
    group by month_start, order_channel
),

channels as (
    select order_channel from orders_by_channel
    union
    select order_channel from returns_by_channel
),

channel_months as (
    select
        months.month_start,
        channels.order_channel,
        months.is_complete as is_complete_period,
        {%- for count in [
            'orders', 'cancelled_orders', 'cancelled_after_shipment_orders', 'self_service_orders', 'accounts', 'lines',
            'units', 'gross_amount', 'gross_incl_cancelled_amount', 'sales_amount', 'self_service_sales_amount'
        ] %}
        coalesce(sales.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        sales.median_order_amount,
        coalesce(returned.returns_amount, 0) as returns_amount,
        coalesce(sales.sales_amount, 0) - coalesce(returned.returns_amount, 0) as net_sales_amount
    from {{ ref('int_months') }} as months
    cross join channels
    left join orders_by_channel as sales
        on
            months.month_start = sales.month_start
            and channels.order_channel = sales.order_channel
    left join returns_by_channel as returned
        on
            months.month_start = returned.month_start
            and channels.order_channel = returned.order_channel
),

month_totals as (
    select
        month_start,
        sum(orders) as month_orders,
        sum(net_sales_amount) as month_net_sales_amount
    from channel_months
    group by month_start
)

select
    channel_months.month_start,
    channel_months.order_channel,
    channel_months.orders,
    cast(month_totals.month_orders as bigint) as month_orders,
    channel_months.cancelled_orders,
    channel_months.cancelled_after_shipment_orders,
    channel_months.orders + channel_months.cancelled_orders as placed_orders,
    channel_months.self_service_orders,
    channel_months.accounts,
    cast(channel_months.lines as bigint) as lines,
    cast(channel_months.units as decimal(18, 4)) as units,
    cast(channel_months.gross_amount as decimal(18, 4)) as gross_sales_amount,
    cast(channel_months.gross_incl_cancelled_amount as decimal(18, 4)) as gross_sales_incl_cancelled_amount,
    cast(channel_months.sales_amount as decimal(18, 4)) as sales_amount,
    cast(channel_months.self_service_sales_amount as decimal(18, 4)) as self_service_sales_amount,
    cast(channel_months.returns_amount as decimal(18, 4)) as returns_amount,
    cast(channel_months.net_sales_amount as decimal(18, 4)) as net_sales_amount,
    cast(month_totals.month_net_sales_amount as decimal(18, 4)) as month_net_sales_amount,
    {{ ratio('channel_months.sales_amount', 'channel_months.orders') }} as average_order_amount,
    channel_months.median_order_amount,
    {{ ratio('channel_months.lines', 'channel_months.orders') }} as lines_per_order,
    {{ ratio('channel_months.units', 'channel_months.orders') }} as units_per_order,
    {{ ratio('channel_months.orders', 'month_totals.month_orders') }} as order_share_rate,
    {{ wilson_bounds('channel_months.orders', 'month_totals.month_orders', 'order_share_rate') }},
    {{ is_reportable('month_totals.month_orders') }} as is_order_share_rate_reportable,
    {{ ratio('channel_months.net_sales_amount', 'month_totals.month_net_sales_amount') }} as net_sales_share_rate,
    {{ ratio('channel_months.self_service_orders', 'channel_months.orders') }} as self_service_rate,
    {{ wilson_bounds('channel_months.self_service_orders', 'channel_months.orders', 'self_service_rate') }},
    {{ ratio(
        'channel_months.cancelled_orders + channel_months.cancelled_after_shipment_orders',
        'channel_months.orders + channel_months.cancelled_orders'
    ) }} as cancellation_rate,
    {{ wilson_bounds(
        'channel_months.cancelled_orders + channel_months.cancelled_after_shipment_orders',
        'channel_months.orders + channel_months.cancelled_orders',
        'cancellation_rate'
    ) }},
    {{ is_reportable('channel_months.orders + channel_months.cancelled_orders') }} as is_cancellation_rate_reportable,
    {{ is_reportable('channel_months.orders') }} as is_reportable,
    channel_months.is_complete_period
from channel_months
inner join month_totals
    on channel_months.month_start = month_totals.month_start
