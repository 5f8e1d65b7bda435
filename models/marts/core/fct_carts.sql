-- Grain: one row per cart. Key: cart_key. Additive. Clock: created_on, the first addition. Rates read is_valid carts
-- that are not open any more: ordered, converted_to_quote (not abandoned: negotiated) or abandoned. Grows: a batch
-- replaces the carts that it judges.
{{ config(
    materialized='incremental', incremental_strategy='replace', on_schema_change='fail',
    post_hook="{{ record_built() }}",
    meta={'replaces': {'column': 'cart_key', 'model': 'int_carts_to_judge', 'key': 'cart_key'}}
) }}
select
    carts.cart_key,
    carts.session_id,
    carts.visitor_id,
    sessions.contact_id,
    sessions.account_id,
    sessions.account_period_id,
    carts.order_id,
    carts.quote_id,
    carts.outcome,
    carts.additions,
    carts.products,
    carts.checkout_started_at is not null as has_checkout,
    sessions.is_valid,
    carts.created_on,
    carts.created_at,
    carts.checkout_started_at,
    carts.ordered_at,
    carts.quote_requested_at
from {{ ref('int_carts_resolved') }} as carts
inner join {{ ref('fct_sessions') }} as sessions
    on carts.session_id = sessions.session_id
{%- if is_batch() %}
{%- set judged = 'select judged.cart_key from ' ~ ref('int_carts_to_judge') ~ ' as judged' %}
where
    carts.cart_key in ({{ judged }})
    -- a cart is created during its session
    {{ and_not_before(
        'sessions.ended_at', 'int_carts_resolved', 'created_at', where='cart_key in (' ~ judged ~ ')'
    ) }}
{%- else %}
-- depends_on: {{ ref('int_carts_to_judge') }}
{%- endif %}
