-- Grain: one row per returned line. Key: return_id. Additive. Two clocks: returned_on (ledger view, lowers net sales
-- on its day) and ordered_on (cohort view; empty when the credit names no order). KPIs read is_valid only.
select
    returned.return_id,
    returned.credit_note_id,
    returned.account_id,
    account_periods.account_period_id,
    returned.order_id,
    returned.order_line_id,
    returned.product_id,
    returned.exclusion_reason,
    returned.reason,
    returned.currency_code,
    returned.quantity,
    returned.refund_amount,
    returned.fx_difference_amount,
    returned.refund_amount_txn,
    returned.cost_amount,
    returned.is_merchandise,
    returned.is_restocked,
    returned.is_valid,
    returned.returned_on,
    returned.ordered_on,
    returned.returned_at
from {{ ref('int_returns_valued') }} as returned
{{ join_account_period('returned.account_id', 'returned.returned_on') }}
