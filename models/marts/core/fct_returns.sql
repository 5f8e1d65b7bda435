-- Grain: one row per returned line. Key: return_id. Additive. Two clocks: returned_on (ledger view, lowers net sales
-- on its day) and ordered_on (cohort view; empty when the credit names no order). KPIs read is_valid only.
select
    return_id,
    credit_note_id,
    account_id,
    order_id,
    order_line_id,
    product_id,
    exclusion_reason,
    currency_code,
    quantity,
    refund_amount,
    refund_amount_txn,
    is_merchandise,
    is_valid,
    returned_on,
    ordered_on,
    returned_at
from {{ ref('int_returns_valued') }}
