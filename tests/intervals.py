"""The rates of counts in the KPI marts: what each divides by what, and the flag that says whether that is enough.

A share of cases differs from month to month by chance; its interval says how far. Sums of money differ for other
reasons, and have none.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A share of cases.

    Attributes:
        cases: those that are counted, as SQL over columns of the mart.
        of: all cases.
        flag: column that is false when these are too few; None where a rate of too few is not shown at all.
        judged_by: what the flag counts, where it is not `of`.
    """

    cases: str
    of: str
    flag: str | None = "is_reportable"
    judged_by: str | None = None


# Units of a line are sent, and come back, together: the flag counts lines, which are cases of their own.
SESSION_RATES = {
    "engagement_rate": Rate("engaged_sessions", "sessions"),
    "bounce_rate": Rate("bounced_sessions", "sessions"),
    "bounce_rate_ua": Rate("single_interaction_sessions", "sessions"),
    "session_conversion_rate": Rate("sessions_with_order", "sessions"),
}
RATES: dict[str, dict[str, Rate]] = {
    "kpi_segment_benchmark": SESSION_RATES,
    "kpi_account_users": {
        "active_user_rate": Rate("active_users", "users", "is_active_user_rate_reportable"),
        "shop_use_rate": Rate("shop_customers", "active_customers"),
        "stickiness_rate": Rate("active_users_7d", "active_users", "is_stickiness_rate_reportable"),
    },
    "kpi_churn": {
        "churn_rate": Rate("customers_lost", "customers_at_start"),
        "repeat_to_date_rate": Rate(
            "repeat_customers_to_date", "customers_to_date", "is_repeat_to_date_rate_reportable"
        ),
        "repeat_by_orders_to_date_rate": Rate(
            "repeat_customers_by_orders_to_date", "customers_to_date", "is_repeat_to_date_rate_reportable"
        ),
        "repeat_12m_rate": Rate("repeat_customers_12m", "ordering_customers_12m", "is_repeat_12m_rate_reportable"),
        "repeat_by_orders_12m_rate": Rate(
            "repeat_customers_by_orders_12m", "ordering_customers_12m", "is_repeat_12m_rate_reportable"
        ),
    },
    "kpi_cohort_retention": {"retention_rate": Rate("retained_customers", "cohort_customers")},
    "kpi_repeat_probability": {"repeat_rate": Rate("customers_continued", "customers")},
    "kpi_catalog_performance": {
        "sku_coverage_rate": Rate("priced_products_sold", "priced_products", "is_sku_coverage_rate_reportable"),
        "active_account_rate": Rate("active_assigned_accounts", "assigned_accounts"),
    },
    "kpi_product_performance": {
        "return_rate": Rate("shipped_units_returned", "shipped_units", "is_return_rate_reportable", "shipped_lines"),
    },
    "kpi_quote_funnel": {
        "answered_rate": Rate("answered_quotes", "requested_quotes"),
        "sent_rate": Rate("sent_quotes", "requested_quotes"),
        "quote_to_order_rate": Rate("converted_quotes", "requested_quotes"),
    },
    "kpi_quote_odds": {"success_rate": Rate("converted_quotes", "decided_quotes")},
    # the share itself is taken from kpi_quote_odds, where it stands beside its quotes
    "kpi_quote_outlook": {"success_rate": Rate("round(success_rate * decided_quotes)", "decided_quotes", None)},
    "kpi_buying_group_summary": {"decision_maker_rate": Rate("deals_with_decision_maker", "deals")},
    "kpi_deals_closing_soon": {"stage_win_rate": Rate("round(stage_win_rate * decided_deals)", "decided_deals", None)},
    "kpi_pipeline": {"stage_win_rate": Rate("round(stage_win_rate * decided_deals)", "decided_deals", None)},
    "kpi_pipeline_health": {"win_rate": Rate("won_deals_12m", "decided_deals_12m")},
    "kpi_lead_conversion": {
        "lead_conversion_rate": Rate("converted_leads", "leads"),
        "responded_rate": Rate("responded_leads", "leads + existing_customer_leads", "is_responded_rate_reportable"),
    },
    "kpi_rep_performance": {
        "quote_to_order_rate": Rate("converted_quotes", "requested_quotes", "is_quote_to_order_rate_reportable"),
        "win_rate": Rate("won_deals", "won_deals + lost_deals", "is_win_rate_reportable"),
    },
    "kpi_win_rate": {
        "win_rate": Rate("won_deals", "decided_deals"),
        "cohort_win_rate": Rate("cohort_won_deals", "cohort_deals", "is_cohort_win_rate_reportable"),
    },
    "kpi_cart_outcomes": {
        "cart_abandonment_rate": Rate("abandoned_carts", "decided_carts"),
        "checkout_abandonment_rate": Rate(
            "abandoned_checkouts", "checkouts", "is_checkout_abandonment_rate_reportable"
        ),
        "session_abandonment_rate": Rate(
            "abandoned_cart_sessions", "cart_sessions", "is_session_abandonment_rate_reportable"
        ),
        "visitor_abandonment_rate": Rate(
            "abandoned_cart_visitors", "cart_visitors", "is_visitor_abandonment_rate_reportable"
        ),
    },
    # a comparison is as good as its smaller group
    "kpi_experiment": {
        "conversion_rate": Rate(
            "converted_units", "assigned_units", judged_by="least(assigned_units, coalesce(control_units, 1000000))"
        ),
    },
    "kpi_journey_stage": {"session_share_rate": Rate("sessions", "month_sessions")},
    "kpi_keyword": SESSION_RATES,
    "kpi_landing_page": SESSION_RATES,
    "kpi_page_engagement": {
        "exit_rate": Rate("exits", "page_visits"),
        "bounce_rate": Rate("bounced_entrances", "entrances", "is_bounce_rate_reportable"),
        "bounce_rate_ua": Rate("single_interaction_entrances", "entrances", "is_bounce_rate_reportable"),
    },
    # the first step has no step before it
    "kpi_purchase_funnel": {
        "previous_step_rate": Rate(
            "sessions", "previous_step_sessions", judged_by="coalesce(previous_step_sessions, sessions)"
        ),
        "drop_off_rate": Rate(
            "dropped_sessions", "previous_step_sessions", judged_by="coalesce(previous_step_sessions, sessions)"
        ),
        "first_step_rate": Rate("sessions", "first_step_sessions", "is_first_step_rate_reportable"),
    },
    "kpi_search_performance": {"click_through_rate": Rate("clicks", "impressions")},
    "kpi_source_conversion": {
        "session_share_rate": Rate("sessions", "month_sessions", "is_session_share_rate_reportable"),
        "engagement_rate": Rate("engaged_sessions", "sessions", "is_engagement_rate_reportable"),
        "bounce_rate": Rate("bounced_sessions", "sessions", "is_engagement_rate_reportable"),
        "bounce_rate_ua": Rate("single_interaction_sessions", "sessions", "is_engagement_rate_reportable"),
        "session_conversion_rate": Rate("credited_sessions_with_order", "credited_sessions"),
        "visitor_conversion_rate": Rate(
            "converted_new_visitors", "new_visitors", "is_visitor_conversion_rate_reportable"
        ),
    },
    "kpi_traffic": {
        **SESSION_RATES,
        "stickiness_rate": Rate("weekly_active_visitors", "monthly_active_visitors", "is_stickiness_rate_reportable"),
        "organic_session_rate": Rate("organic_sessions", "sessions"),
        "robot_session_rate": Rate("robot_sessions", "recorded_sessions", "is_recorded_session_rate_reportable"),
        "staff_session_rate": Rate("staff_sessions", "recorded_sessions", "is_recorded_session_rate_reportable"),
        "unattributed_session_rate": Rate("unattributed_sessions", "sessions"),
        "unstitched_session_rate": Rate("unstitched_sessions", "sessions"),
        "late_event_rate": Rate("late_events", "events", "is_late_event_rate_reportable"),
        "orphan_web_order_rate": Rate("orphan_web_orders", "web_orders", "is_orphan_web_order_rate_reportable"),
    },
    "kpi_digital_influence": {"influenced_order_rate": Rate("influenced_orders", "offline_orders")},
    "kpi_order_channel": {
        "order_share_rate": Rate("orders", "period_orders", "is_order_share_rate_reportable"),
        "self_service_rate": Rate("self_service_orders", "orders"),
        "cancellation_rate": Rate(
            "cancelled_orders + cancelled_after_shipment_orders", "placed_orders", "is_cancellation_rate_reportable"
        ),
    },
    "kpi_returns": {
        "cohort_return_rate": Rate(
            "cohort_returned_units", "cohort_shipped_units", "is_cohort_return_rate_reportable", "cohort_shipped_lines"
        ),
    },
    "kpi_campaign": {"click_through_rate": Rate("clicks", "impressions")},
    "kpi_email": {
        "bounce_rate": Rate("hard_bounces + soft_bounces", "sent", "is_bounce_rate_reportable"),
        "open_rate": Rate("opens", "delivered"),
        "click_rate": Rate("clicks", "delivered"),
        "click_to_open_rate": Rate("clicks", "opens", "is_click_to_open_rate_reportable"),
        "unsubscribe_rate": Rate("unsubscribes", "delivered"),
    },
    "kpi_fulfilment": {
        "on_time_rate": Rate("on_time_lines", "lines_due"),
        "in_full_rate": Rate("in_full_lines", "lines_due"),
        "otif_rate": Rate("otif_lines", "lines_due"),
        "late_rate": Rate("late_lines", "lines_due"),
        "order_otif_rate": Rate("otif_orders", "orders_due", "is_order_otif_rate_reportable"),
        "units_delivered_rate": Rate("units_delivered", "units_due", judged_by="lines_due"),
    },
    "kpi_order_to_delivery": {
        "cancellation_rate": Rate("cancelled_orders", "orders_placed", "is_cancellation_rate_reportable"),
        "fill_rate": Rate("first_shipped_units", "started_units", "is_backorder_rate_reportable", "started_lines"),
        "backorder_rate": Rate("backordered_lines", "started_lines", "is_backorder_rate_reportable"),
    },
    "kpi_supplier": {
        "on_time_rate": Rate("on_time_receipts", "receipts_due", "is_on_time_rate_reportable"),
        "quality_rate": Rate(
            "inspected_units - defective_units", "inspected_units", "is_defect_rate_reportable", "inspected_receipts"
        ),
        "defect_rate": Rate("defective_units", "inspected_units", "is_defect_rate_reportable", "inspected_receipts"),
        "return_rate": Rate("returned_units", "sold_units", "is_return_rate_reportable", "sold_lines"),
        "otif_rate": Rate("otif_lines", "lines_due", "is_otif_rate_reportable"),
        "late_rate": Rate("late_lines", "lines_due", "is_otif_rate_reportable"),
    },
    "kpi_payment_terms": {
        "invoice_share_rate": Rate("invoices", "month_invoices", "is_invoice_share_rate_reportable"),
        "on_time_payment_rate": Rate("on_time_invoices", "invoices_due"),
    },
    "kpi_receivables": {"on_time_payment_rate": Rate("on_time_invoices", "invoices_due")},
    "kpi_review": {"good_review_rate": Rate("good_reviews", "reviews")},
    "kpi_satisfaction": {
        "response_rate": Rate("surveys_answered", "surveys_sent", "is_response_rate_reportable"),
        "top_two_rate": Rate("top_two_responses", "responses"),
    },
    "kpi_satisfaction_revenue": {
        "customer_share_rate": Rate("customers", "all_customers", "is_customer_share_rate_reportable"),
        "lost_after_answer_rate": Rate("customers_lost_after_answer", "customers"),
    },
    "kpi_service": {
        "unanswered_rate": Rate("unanswered_inquiries", "inquiries", "is_unanswered_rate_reportable"),
        "sla_hit_rate": Rate("answered_in_time_inquiries", "due_inquiries"),
    },
    "kpi_service_account": {"sla_hit_rate": Rate("answered_in_time_inquiries", "due_inquiries")},
}

MONEY = "money over money: the amounts vary, not whether a case counts"
CHANGE = "a change, not a share: may be negative, and exceed 1"
NO_INTERVAL = {
    "kpi_board.attainment_rate": "value over target, which nobody sampled; value_low and value_high are beside it",
    "kpi_board.change_rate": CHANGE,
    "kpi_board_segments.change_rate": CHANGE,
    "kpi_revenue_structure.net_sales_share_rate": MONEY,
    "kpi_account_profile.margin_rate": MONEY,
    "kpi_account_profile.cost_coverage_rate": MONEY,
    "kpi_account_profile.credit_used_rate": MONEY,
    "kpi_account_value.net_sales_share_rate": MONEY,
    "kpi_account_value.cumulative_share_rate": MONEY,
    "kpi_concentration.top_20_percent_rate": MONEY,
    "kpi_concentration.largest_rate": MONEY,
    "kpi_revenue_bridge.growth_rate": CHANGE,
    "kpi_revenue_bridge.nrr_rate": MONEY,
    "kpi_revenue_bridge.grr_rate": MONEY,
    "kpi_catalog_discount_effect.price_change_rate": CHANGE,
    "kpi_catalog_performance.discount_rate": MONEY,
    "kpi_catalog_performance.returns_to_sales_rate": MONEY,
    "kpi_catalog_performance.net_sales_share_rate": MONEY,
    "kpi_catalog_performance.margin_rate": MONEY,
    "kpi_catalog_performance.cost_coverage_rate": MONEY,
    "kpi_product_performance.discount_rate": MONEY,
    "kpi_product_performance.margin_rate": MONEY,
    "kpi_product_performance.cost_coverage_rate": MONEY,
    "kpi_product_performance.trend_rate": CHANGE,
    "kpi_negotiation.discount_depth_rate": MONEY,
    "kpi_negotiation.negotiation_hours_change_rate": CHANGE,
    "kpi_quote_funnel.quote_to_order_value_rate": MONEY,
    "kpi_agreements_due.commitment_rate": MONEY,
    "kpi_rep_performance.margin_rate": MONEY,
    "kpi_rep_performance.discount_rate": MONEY,
    "kpi_rep_performance.price_depth_rate": MONEY,
    "kpi_rep_performance.price_depth_12m_rate": MONEY,
    "kpi_rep_performance.others_price_depth_12m_rate": MONEY,
    "kpi_rep_performance.quote_discount_depth_rate": MONEY,
    "kpi_win_rate.win_value_rate": MONEY,
    "kpi_experiment.control_conversion_rate": "has its interval in control's own row",
    "kpi_experiment.lift_rate": "a change; rate_difference_low and rate_difference_high are its error",
    "kpi_digital_influence.influenced_sales_rate": MONEY,
    "kpi_order_channel.net_sales_share_rate": MONEY,
    "kpi_returns.returns_to_sales_rate": MONEY,
    "kpi_campaign.budget_use_rate": MONEY,
    "kpi_inventory.dead_stock_rate": MONEY,
    "kpi_supplier.received_rate": "no share: more may come than was ordered",
    "kpi_supplier.price_change_rate": CHANGE,
    "kpi_credit.credit_use_rate": MONEY,
    "kpi_credit.overdue_rate": MONEY,
    "kpi_credit.group_credit_use_rate": MONEY,
    "kpi_margin.margin_rate": MONEY,
    "kpi_margin.cost_coverage_rate": MONEY,
    "kpi_open_invoices.receivables_rate": MONEY,
    "kpi_payment_terms.amount_share_rate": MONEY,
    "kpi_receivables.overdue_rate": MONEY,
    "kpi_satisfaction_revenue.net_sales_share_rate": MONEY,
}
