-- Net sales on the board, over all months, are those of all customers: no order or return is lost or counted twice
-- on the way to either. Orders that no customer owns are on the board alone, when a workspace counts them. A company
-- without sales has 0 on both sides.
with board as (
    select coalesce(sum(numerator), 0) as net_sales_amount
    from {{ ref('kpi_board') }}
    where metric = 'revenue'
),

profiles as (
    select coalesce(sum(net_sales_amount), 0) as net_sales_amount
    from {{ ref('kpi_account_profile') }}
),

unowned as (
    select coalesce(sum(net_amount), 0) as net_sales_amount
    from {{ ref('fct_orders') }}
    where is_valid and account_id is null
)

select
    board.net_sales_amount as board_amount,
    profiles.net_sales_amount as profiles_amount
from board
cross join profiles
cross join unowned
where board.net_sales_amount is distinct from profiles.net_sales_amount + unowned.net_sales_amount
