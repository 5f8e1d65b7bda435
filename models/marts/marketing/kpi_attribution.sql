-- Grain: one row per valid order, attribution model, channel, source and campaign credited. Key: order_id,
-- attribution_model, channel, source, campaign_id. Additive within ONE attribution_model only: always filter by it.
-- Clock: ordered_on; returns are taken from the order they came from, pro rata. The credits of an order add up to 1
-- in every model, so that every model gives all orders and all net sales; an order that no session led to is channel
-- unattributed. Paths: int_touch_paths. Models: first; last; linear; position, 40 % to the first and the last and 20
-- % to those between (half each of two); time_decay, halved every attribution_half_life_days; shapley, the simplified
-- Shapley value: equal shares of the distinct channels, split equally over the touches of a channel.
{% set models = {
    'first': 'case when touch_number = 1 then 1 else 0 end',
    'last': 'case when touch_number = touches then 1 else 0 end',
    'linear': '1 / cast(touches as double)',
    'position': 'case
            when touches = 1 then 1
            when touches = 2 then 0.5
            when touch_number = 1 or touch_number = touches then 0.4
            else 0.2 / cast(touches - 2 as double)
        end',
    'time_decay': 'decay_weight / decay_weights',
    'shapley': '1 / (cast(channels as double) * channel_touches)',
} %}
with touches as (
    select
        *,
        power(0.5, days_before_order / {{ var('attribution_half_life_days') }}) as decay_weight
    from {{ ref('int_touch_paths') }}
),

touches_with_weights as (
    select
        *,
        {{ stable_sum('decay_weight', 'over (partition by order_id)') }} as decay_weights
    from touches
),

order_margins as (
    select * from {{ ref('int_order_margins') }}
),

attribution_models as (
    {% for name in models -%}
    select '{{ name }}' as attribution_model
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

credits as (
    {% for name, credit in models.items() %}
    select
        order_id,
        '{{ name }}' as attribution_model,
        channel,
        coalesce(source, 'none') as source,
        coalesce(campaign_id, 'none') as campaign_id,
        cast({{ credit }} as double) as credit
    from touches_with_weights

    union all

    {% endfor %}
    select
        order_margins.order_id,
        attribution_models.attribution_model,
        'unattributed' as channel,
        'none' as source,
        'none' as campaign_id,
        cast(1 as double) as credit
    from order_margins
    cross join attribution_models
    left join touches
        on
            order_margins.order_id = touches.order_id
            and touches.touch_number = 1
    where touches.order_id is null
),

credits_by_source as (
    select
        order_id,
        attribution_model,
        channel,
        source,
        campaign_id,
        count(*) as touches,
        {{ stable_sum('credit') }} as credit
    from credits
    where credit > 0
    group by order_id, attribution_model, channel, source, campaign_id
)

select
    credits_by_source.order_id,
    credits_by_source.attribution_model,
    credits_by_source.channel,
    credits_by_source.source,
    credits_by_source.campaign_id,
    orders.account_id,
    orders.account_period_id,
    orders.order_channel,
    case when credits_by_source.channel = 'unattributed' then 0 else credits_by_source.touches end as touches,
    credits_by_source.credit,
    cast(order_margins.net_sales_amount * credits_by_source.credit as decimal(18, 4)) as net_sales_amount,
    cast(order_margins.costed_sales_amount * credits_by_source.credit as decimal(18, 4)) as costed_sales_amount,
    cast(order_margins.margin_amount * credits_by_source.credit as decimal(18, 4)) as margin_amount,
    order_margins.account_id is not null and order_margins.order_number = 1 as is_first_order,
    order_margins.ordered_on
from credits_by_source
inner join order_margins
    on credits_by_source.order_id = order_margins.order_id
inner join {{ ref('fct_orders') }} as orders
    on credits_by_source.order_id = orders.order_id
