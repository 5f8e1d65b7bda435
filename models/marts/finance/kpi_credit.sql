-- Grain: one row per account that has a credit limit, an open invoice or credit, or an order to be invoiced; testers
-- left out. Key: account_id. Amounts are additive over accounts, except those of the group (group_), which repeat in
-- each of its accounts; ratios and flags are not. Clock: as_of. Base currency, with tax; what is open at the closing
-- rate. Exposure is what is owed, less credit notes, plus orders that are still to be invoiced. reason says why the
-- account is on the credit list; empty when there is nothing to do.
with invoices as (
    select
        invoices.account_id,
        count(*) filter (where invoices.open_amount > 0) as open_invoices,
        sum(invoices.open_amount) as open_amount,
        sum(invoices.open_amount) filter (where invoices.open_amount > 0 and invoices.due_on < as_of.as_of_on)
            as overdue_amount,
        sum(invoices.open_amount) filter (where invoices.is_disputed and invoices.open_amount > 0)
            as disputed_amount,
        max({{ dbt.datediff('invoices.due_on', 'as_of.as_of_on', 'day') }})
        filter (where invoices.open_amount > 0 and invoices.due_on < as_of.as_of_on) as oldest_overdue_days
    from {{ ref('fct_invoices') }} as invoices
    cross join {{ ref('int_as_of') }} as as_of
    where invoices.is_valid
    group by invoices.account_id
),

invoiced_orders as (
    select
        order_id,
        sum(amount) as amount
    from {{ ref('fct_invoices') }}
    where
        is_valid
        and order_id is not null
        and amount > 0
    group by order_id
),

orders_with_goods_to_send as (
    select order_id
    from {{ ref('int_order_lines_fulfilled') }}
    where is_open
    group by order_id
),

orders_to_invoice as (
    select
        orders.account_id,
        orders.charged_amount + orders.shipping_amount + orders.tax_amount as order_amount,
        orders.charged_amount + orders.shipping_amount + orders.tax_amount - coalesce(invoiced.amount, 0)
            as remaining_amount
    from {{ ref('fct_orders') }} as orders
    left join invoiced_orders as invoiced
        on orders.order_id = invoiced.order_id
    left join orders_with_goods_to_send as to_send
        on orders.order_id = to_send.order_id
    where
        orders.is_valid
        and not orders.is_cancelled_after_shipment
        and coalesce(orders.payment_method, '')
        not in ('{{ var("prepaid_payment_methods") | join("', '") }}')
        -- an invoiced order with nothing left to send will not be invoiced again
        and (invoiced.order_id is null or to_send.order_id is not null)
        -- without any invoice on record nobody knows what is still to be invoiced
        and (select count(*) from {{ ref('fct_invoices') }}) > 0
),

open_orders as (
    select
        account_id,
        count(*) as open_orders,
        sum(remaining_amount) as open_orders_amount
    from orders_to_invoice
    -- less is rounding, or the exchange rate of another day
    where remaining_amount > 0.05 * order_amount
    group by account_id
),

accounts as (
    select
        accounts.account_id,
        accounts.account_name,
        accounts.ultimate_parent_id,
        coalesce(accounts.company_size, 'unknown') as company_size,
        coalesce(accounts.owner_rep_id, 'unknown') as owner_rep_id,
        accounts.payment_terms_days,
        accounts.credit_limit_amount,
        coalesce(invoices.open_invoices, 0) as open_invoices,
        coalesce(invoices.open_amount, 0) as open_amount,
        coalesce(invoices.overdue_amount, 0) as overdue_amount,
        coalesce(invoices.disputed_amount, 0) as disputed_amount,
        invoices.oldest_overdue_days,
        coalesce(open_orders.open_orders, 0) as open_orders,
        coalesce(open_orders.open_orders_amount, 0) as open_orders_amount,
        coalesce(invoices.open_amount, 0) + coalesce(open_orders.open_orders_amount, 0) as exposure_amount
    from {{ ref('dim_account') }} as accounts
    left join invoices
        on accounts.account_id = invoices.account_id
    left join open_orders
        on accounts.account_id = open_orders.account_id
    where
        not accounts.is_test
        and (
            accounts.credit_limit_amount is not null
            or coalesce(invoices.open_amount, 0) <> 0
            or invoices.open_invoices > 0
            or open_orders.open_orders > 0
        )
),

-- Credit is granted to a group: C15. A group has the limits of its accounts together.
account_groups as (
    select
        ultimate_parent_id,
        count(*) as group_accounts,
        sum(credit_limit_amount) as group_credit_limit_amount,
        sum(exposure_amount) as group_exposure_amount,
        sum(overdue_amount) as group_overdue_amount
    from accounts
    group by ultimate_parent_id
),

accounts_judged as (
    select
        accounts.*,
        account_groups.group_accounts,
        account_groups.group_credit_limit_amount,
        account_groups.group_exposure_amount,
        account_groups.group_overdue_amount,
        coalesce(accounts.exposure_amount > accounts.credit_limit_amount, false) as is_over_limit,
        coalesce(account_groups.group_exposure_amount > account_groups.group_credit_limit_amount, false)
            as is_group_over_limit
    from accounts
    inner join account_groups
        on accounts.ultimate_parent_id = account_groups.ultimate_parent_id
)

select
    account_id,
    account_name,
    ultimate_parent_id,
    company_size,
    owner_rep_id,
    payment_terms_days,
    credit_limit_amount,
    open_invoices,
    cast(open_amount as decimal(18, 4)) as open_amount,
    cast(overdue_amount as decimal(18, 4)) as overdue_amount,
    cast(disputed_amount as decimal(18, 4)) as disputed_amount,
    cast(oldest_overdue_days as double) as oldest_overdue_days,
    open_orders,
    cast(open_orders_amount as decimal(18, 4)) as open_orders_amount,
    cast(exposure_amount as decimal(18, 4)) as exposure_amount,
    {{ ratio('exposure_amount', 'credit_limit_amount') }} as credit_use_rate,
    {{ ratio('overdue_amount', 'open_amount') }} as overdue_rate,
    group_accounts,
    cast(group_credit_limit_amount as decimal(18, 4)) as group_credit_limit_amount,
    cast(group_exposure_amount as decimal(18, 4)) as group_exposure_amount,
    cast(group_overdue_amount as decimal(18, 4)) as group_overdue_amount,
    {{ ratio('group_exposure_amount', 'group_credit_limit_amount') }} as group_credit_use_rate,
    is_over_limit,
    is_group_over_limit,
    nullif(
        concat_ws(
            ', ',
            case
                when is_over_limit then 'over its limit'
                when {{ ratio('exposure_amount', 'credit_limit_amount') }} >= {{ var('credit_use_warning_rate') }}
                    then 'near its limit'
                when credit_limit_amount is null and exposure_amount > 0 then 'credit without a limit'
            end,
            case when is_group_over_limit and group_accounts > 1 then 'group over its limit' end,
            case when overdue_amount > 0 then 'overdue' end,
            case when disputed_amount > 0 then 'disputed' end
        ),
        ''
    ) as reason,
    (select as_of.as_of_on from {{ ref('int_as_of') }} as as_of) as as_of_on
from accounts_judged
