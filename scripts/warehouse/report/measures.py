"""The figures of the boards: what each is summed up from, and the metric whose card explains it.

The definitions are the metrics' own (docs/metrics.md); tests compare the figures with the marts.
"""

from warehouse.report.widgets import Measure
from warehouse.report.words import _

# overview
REVENUE = Measure(
    "revenue", "sales", ("sales",), ("returns",), metric="revenue", rows=("orders", "returns"), target="revenue"
)
ORDERS = Measure("orders", "sales", ("orders",), metric="orders", rows=("orders",), target="orders")
AOV = Measure("aov", "sales", ("sales",), over=("orders",), metric="aov", rows=("orders",), target="aov")
MARGIN = ("costed_sales", "cost_back"), ("cost", "costed_returns")
MARGIN_RATE = Measure(
    "gross_margin_rate", "sales", *MARGIN, ("costed_sales",), ("costed_returns",),
    metric="gross_margin_rate", rows=("order_lines", "returns"), target="gross_margin_rate",
)  # fmt: skip
GROSS_MARGIN = Measure("gross_margin", "sales", *MARGIN, metric="gross_margin", rows=("order_lines", "returns"))
SESSION_CONVERSION = Measure(
    "session_conversion_rate", "sessions", ("with_order",), over=("sessions",), metric="session_conversion_rate",
    rows=("sessions",), target="session_conversion_rate",
)  # fmt: skip
NEW_CUSTOMERS = Measure(
    "new_customers", "customer_counts", ("new_customers",), metric="new_customers", rows=("new_customers",),
    target="new_customers",
)  # fmt: skip
REPEAT_CUSTOMERS = Measure(
    "repeat_customers", "customer_counts", ("repeat_customers",), metric="repeat_customers", at="end", rows=("orders",),
    target="repeat_customers",
)  # fmt: skip
CUSTOMERS_LOST = Measure(
    "customers_lost", "customer_counts", ("lost",), metric="customers_lost", rows=("lost_customers",),
    target="customers_lost",
)  # fmt: skip
CHURN_RATE = Measure(
    "churn_rate", "customer_counts", ("lost",), over=("at_start",), metric="churn_rate", at="end",
    rows=("lost_customers",), target="churn_rate",
)  # fmt: skip
QUOTE_TO_ORDER = Measure(
    "quote_to_order_rate", "quotes", ("converted",), over=("quotes",), metric="quote_to_order_rate", rows=("quotes",),
    target="quote_to_order_rate",
)  # fmt: skip
WIN_RATE = Measure(
    "win_rate", "deals", ("won",), over=("decided",), metric="win_rate", rows=("deals",), target="win_rate"
)
LEAD_CONVERSION = Measure(
    "lead_conversion_rate", "leads", ("converted",), over=("leads",), metric="lead_conversion_rate", rows=("leads",),
    target="lead_conversion_rate",
)  # fmt: skip
ON_TIME_DELIVERY = Measure(
    "on_time_delivery_rate", "fulfilment", ("on_time_lines",), over=("lines_due",), metric="on_time_delivery_rate",
    rows=("deliveries",), target="on_time_delivery_rate",
)  # fmt: skip
NET_PROMOTERS = Measure(
    "nps",
    "nps",
    ("points",),
    over=("answers",),
    metric="nps",
    unit="score",
    rows=("surveys",),
    target="nps",
    sparse=True,
)
BOARD = (
    REVENUE, ORDERS, AOV, MARGIN_RATE, SESSION_CONVERSION, NEW_CUSTOMERS, REPEAT_CUSTOMERS, CUSTOMERS_LOST, CHURN_RATE,
    QUOTE_TO_ORDER, WIN_RATE, LEAD_CONVERSION, ON_TIME_DELIVERY, NET_PROMOTERS,
)  # fmt: skip

GROSS_SALES = Measure("gross_sales", "sales", ("gross",), metric="gross_sales", rows=("orders",))
DISCOUNTS = Measure("discounts", "sales", ("discount",), metric="discounts", rows=("orders",))
RETURNS = Measure("returns_amount", "sales", ("returns",), metric="returns_amount", rows=("returns",))
DISCOUNT_RATE = Measure(
    "discount_rate", "sales", ("discount",), over=("gross",), metric="discount_rate", rows=("orders",)
)
RETURNS_RATE = Measure(
    "returns_to_sales_rate", "sales", ("returns",), over=("sales",), metric="returns_to_sales_rate", rows=("returns",)
)
UNITS_PER_ORDER = Measure(
    "units_per_order", "sales", ("units",), over=("orders",), metric="units_per_order", rows=("orders",)
)
LINES_PER_ORDER = Measure(
    "lines_per_order", "sales", ("lines",), over=("orders",), metric="lines_per_order", rows=("orders",)
)
CATEGORY_REVENUE = Measure(
    "category_revenue", "categories", ("sales",), ("returns",), metric="revenue", rows=("order_lines", "returns")
)
CATEGORY_MARGIN = CATEGORY_REVENUE.named(
    "category_margin", plus=("costed_sales", "cost_back"), minus=("cost", "costed_returns"), over=("costed_sales",),
    over_minus=("costed_returns",), metric="gross_margin_rate",
)  # fmt: skip

# customers
ORDERING_CUSTOMERS = Measure(
    "ordering_customers", "churn", ("ordering_customers",), metric="ordering_customers", at="end", rows=("orders",)
)
BRIDGE_MONTH = (("comparison", "month"),)
BRIDGE_YEAR = (("comparison", "12_months"),)
NRR = Measure(
    "nrr_12m", "bridge", ("net_retained_amount",), over=("base_amount",), metric="nrr_12m", at="end", where=BRIDGE_YEAR
)
GRR = NRR.named("grr_12m", plus=("gross_retained_amount",), metric="grr_12m")
REVENUE_12M = Measure("revenue_12m", "bridge", ("current_amount",), metric="revenue_12m", at="end", where=BRIDGE_YEAR)
REPEAT_RATE = Measure(
    "repeat_rate_12m",
    "churn",
    ("repeat_customers_12m",),
    over=("ordering_customers_12m",),
    metric="repeat_rate_12m",
    at="end",
)
FREQUENCY = Measure(
    "purchase_frequency_12m",
    "churn",
    ("orders_12m",),
    over=("ordering_customers_12m",),
    metric="purchase_frequency_12m",
    at="end",
)
TOP_20 = Measure(
    "top_20_percent_share",
    "concentration",
    ("top_20_percent_amount",),
    over=("net_sales_amount",),
    metric="top_20_percent_share",
    at="end",
)
HHI = Measure("customer_hhi", "concentration", ("hhi",), metric="customer_hhi", at="end")
OVERDUE = Measure(
    "overdue_customers", "overdue", count=True, metric="overdue_customers", at="as_of", page="customers.html#at=overdue"
)
BRIDGE = (
    Measure(
        "previous", "bridge", ("previous_amount",), label=_("Before"), unit="currency", at="end", where=BRIDGE_MONTH
    ),
    Measure(
        "new", "bridge", ("new_amount",), label=_("Won"), metric="new_customer_revenue", at="end", where=BRIDGE_MONTH
    ),
    Measure(
        "reactivated",
        "bridge",
        ("reactivated_amount",),
        label=_("Won back"),
        metric="reactivated_revenue",
        at="end",
        where=BRIDGE_MONTH,
    ),
    Measure(
        "expansion",
        "bridge",
        ("expansion_amount",),
        label=_("Grown"),
        metric="expansion_revenue",
        at="end",
        where=BRIDGE_MONTH,
    ),
    Measure(
        "contraction",
        "bridge",
        ("contraction_amount",),
        label=_("Shrunk"),
        metric="contraction_revenue",
        at="end",
        where=BRIDGE_MONTH,
    ),
    Measure("lost", "bridge", ("lost_amount",), label=_("Lost"), metric="lost_revenue", at="end", where=BRIDGE_MONTH),
    Measure("current", "bridge", ("current_amount",), label=_("Now"), unit="currency", at="end", where=BRIDGE_MONTH),
)
COHORT_RETENTION = Measure(
    "cohort_retention_rate",
    "cohorts",
    ("retained_customers",),
    over=("cohort_customers",),
    metric="cohort_retention_rate",
    at="as_of",
)
REPEAT_PROBABILITY = Measure(
    "repeat_order_probability",
    "repeat_probability",
    ("customers_continued",),
    over=("customers",),
    metric="repeat_order_probability",
    at="as_of",
)
CADENCE = Measure(
    "cadence_customers",
    "cadence",
    ("customers",),
    label=_("Customers"),
    unit="count",
    at="as_of",
    page="customers.html#at=all_accounts",
)
ABC_REVENUE = Measure(
    "abc_revenue", "value", ("net_sales_12m",), metric="revenue_12m", at="as_of", page="customers.html#at=all_accounts"
)
ABC_CUSTOMERS = Measure(
    "abc_customers",
    "value",
    ("customers",),
    label=_("Customers"),
    unit="count",
    at="as_of",
    page="customers.html#at=all_accounts",
)
CLV = Measure(
    "clv_margin",
    "value",
    ("clv_margin",),
    over=("customers",),
    metric="clv_margin",
    at="as_of",
    page="customers.html#at=all_accounts",
)
USERS = (
    Measure("users", "users", ("users",), metric="users", at="end"),
    Measure("active_users", "users", ("active_users",), metric="active_users", at="end"),
    Measure("ordering_users", "users", ("ordering_users",), metric="ordering_users", at="end"),
)
SHOP_USE = Measure(
    "shop_use_rate", "users", ("shop_customers",), over=("active_customers",), metric="shop_use_rate", at="end"
)
NEW_COUNT = NEW_CUSTOMERS.named("new_count", dataset="churn", target="")
LOST_COUNT = CUSTOMERS_LOST.named("lost_count", dataset="churn", plus=("customers_lost",), target="")

# catalogs
CATALOG_REVENUE = Measure(
    "catalog_revenue", "sales", ("sales",), ("returns",), metric="revenue", rows=("orders", "returns")
)
UNITS = Measure("units", "catalogs", ("units",), metric="units", rows=("order_lines",))
SKU_COVERAGE = Measure(
    "sku_coverage_rate",
    "catalogs",
    ("priced_products_sold",),
    over=("priced_products",),
    metric="sku_coverage_rate",
    at="end",
    rows=("order_lines",),
)
ACTIVE_ACCOUNT_RATE = Measure(
    "catalog_active_account_rate",
    "catalogs",
    ("active_assigned_accounts",),
    over=("assigned_accounts",),
    metric="catalog_active_account_rate",
    at="end",
)
PRODUCT_REVENUE = Measure(
    "product_revenue",
    "products",
    ("net_sales",),
    metric="revenue_12m",
    label=_("Net sales, 12 months"),
    at="as_of",
    page="catalogs.html#at=product_table",
)
PRODUCT_MARGIN = Measure(
    "product_margin_rate",
    "products",
    ("margin_rate",),
    metric="gross_margin_rate",
    at="as_of",
    page="catalogs.html#at=product_table",
)
PRICE_INDEX = Measure("price_index", "elasticity", ("price_index",), metric="competitor_price_index", at="as_of")
ELASTICITY = Measure("elasticity", "elasticity", ("elasticity",), metric="price_elasticity", at="as_of")

# quotes
QUOTES = Measure("quotes_requested", "quotes", ("quotes",), metric="quotes_requested", rows=("quotes",))
QUOTE_VALUE_RATE = Measure(
    "quote_to_order_value_rate",
    "quote_funnel",
    ("converted_amount",),
    over=("first_offered_amount",),
    metric="quote_to_order_value_rate",
    rows=("quotes",),
)
DISCOUNT_DEPTH = Measure(
    "quote_discount_depth_rate",
    "negotiation",
    ("base_amount",),
    ("negotiated_amount",),
    over=("base_amount",),
    metric="quote_discount_depth_rate",
    rows=("quotes",),
)
ROUNDS = Measure(
    "quote_rounds_per_quote",
    "negotiation",
    ("rounds",),
    over=("decided_quotes",),
    metric="quote_rounds_per_quote",
    rows=("quotes",),
)
NEGOTIATION_HOURS = Measure(
    "negotiation_hours_median",
    "negotiation",
    ("median_negotiation_hours",),
    metric="negotiation_hours_median",
    at="end",
    rows=("quotes",),
)
NEGOTIATION_P90 = NEGOTIATION_HOURS.named(
    "negotiation_hours_p90", plus=("p90_negotiation_hours",), metric="negotiation_hours_p90"
)
RESPONSE_HOURS = Measure(
    "quote_response_hours_median",
    "negotiation",
    ("median_first_response_hours",),
    metric="quote_response_hours_median",
    at="end",
    rows=("quotes",),
)
OPEN_QUOTES = Measure(
    "open_quotes", "open_quotes", count=True, metric="open_quotes", at="as_of", page="quotes.html#at=open_quotes"
)
EXPECTED_QUOTES = Measure(
    "expected_quotes_amount",
    "open_quotes",
    ("expected_amount",),
    metric="expected_quotes_amount",
    at="as_of",
    page="quotes.html#at=open_quotes",
)
QUOTE_STEPS = (
    Measure("requested", "quote_funnel", ("requested_quotes",), label=_("Requested"), unit="count", rows=("quotes",)),
    Measure("answered", "quote_funnel", ("answered_quotes",), label=_("Answered"), unit="count", rows=("quotes",)),
    Measure("sent", "quote_funnel", ("sent_quotes",), label=_("Sent"), unit="count", rows=("quotes",)),
    Measure("ordered", "quote_funnel", ("converted_quotes",), label=_("Ordered"), unit="count", rows=("quotes",)),
)
STATE_HOURS = Measure(
    "quote_state_hours_median", "state_times", ("median_hours",), metric="quote_state_hours_median", at="as_of"
)
QUOTE_SUCCESS = Measure(
    "quote_success_rate",
    "quote_odds",
    ("converted_quotes",),
    over=("decided_quotes",),
    metric="quote_success_rate",
    at="as_of",
)

# sales team
WON_DEALS = Measure("won_deals", "deals", ("won",), metric="won_deals", rows=("deals",))
LOST_DEALS = Measure("lost_deals", "deals", ("lost",), metric="lost_deals", rows=("deals",))
WON_AMOUNT = Measure(
    "average_won_amount",
    "deals",
    ("won_amount",),
    over=("won_with_amount",),
    metric="average_won_amount",
    rows=("deals",),
)
CYCLE = Measure(
    "sales_cycle_days_median",
    "win_rate",
    ("median_cycle_days",),
    metric="sales_cycle_days_median",
    at="end",
    rows=("deals",),
)
PIPELINE = Measure("pipeline_amount", "pipeline_health", ("open_amount",), metric="pipeline_amount", at="end")
WEIGHTED = Measure(
    "weighted_pipeline_amount", "pipeline_health", ("weighted_amount",), metric="weighted_pipeline_amount", at="end"
)
COVERAGE = Measure(
    "pipeline_coverage_ratio", "pipeline_health", ("coverage_ratio",), metric="pipeline_coverage_ratio", at="end"
)
VELOCITY = Measure("sales_velocity", "pipeline_health", ("velocity_per_day",), metric="sales_velocity", at="end")
STALE_DEALS = Measure("stale_deals", "pipeline_health", ("stale_deals",), metric="stale_deals", at="end")
STAGE_AMOUNT = Measure("stage_amount", "pipeline", ("open_amount",), metric="pipeline_amount", at="end")
STAGE_WEIGHTED = Measure(
    "stage_weighted", "pipeline", ("weighted_amount",), metric="weighted_pipeline_amount", at="end"
)
QUOTA = Measure(
    "quota_attainment_ratio",
    "reps",
    ("owned_net_sales_with_quota",),
    over=("quota",),
    metric="quota_attainment_ratio",
    unit="rate",
)
REP_REVENUE = Measure("rep_revenue", "reps", ("owned_net_sales",), metric="revenue", rows=("orders", "returns"))
LEADS = Measure("leads", "leads", ("leads",), metric="leads", rows=("leads",), label=_("Leads of new companies"))
CONTACTS_PER_DEAL = Measure(
    "contacts_per_deal", "buying_groups", ("contacts",), over=("deals",), metric="contacts_per_deal", at="as_of"
)

# web
VISITORS = Measure("visitors", "visitors", ("visitors",), metric="visitors", at="end")
SESSIONS = Measure("sessions", "traffic", ("sessions",), metric="sessions", rows=("sessions",))
ENGAGEMENT = Measure(
    "engagement_rate",
    "traffic",
    ("engaged_sessions",),
    over=("sessions",),
    metric="engagement_rate",
    rows=("sessions",),
)
BOUNCE = Measure(
    "bounce_rate", "traffic", ("bounced_sessions",), over=("sessions",), metric="bounce_rate", rows=("sessions",)
)
PAGES_PER_SESSION = Measure(
    "pages_per_session", "traffic", ("page_views",), over=("sessions",), metric="pages_per_session", rows=("sessions",)
)
ENGAGED_SECONDS = Measure(
    "engaged_seconds_average",
    "traffic",
    ("engaged_seconds",),
    over=("sessions",),
    metric="engaged_seconds_average",
    rows=("sessions",),
)
ORGANIC = Measure(
    "organic_session_rate",
    "traffic",
    ("organic_sessions",),
    over=("sessions",),
    metric="organic_session_rate",
    rows=("sessions",),
)
CART_ABANDONMENT = Measure(
    "cart_abandonment_rate",
    "carts",
    ("abandoned_carts",),
    over=("decided_carts",),
    metric="cart_abandonment_rate",
    rows=("carts",),
)
TRAFFIC_CONVERSION = Measure(
    "traffic_conversion",
    "traffic",
    ("sessions_with_order",),
    over=("sessions",),
    metric="session_conversion_rate",
    rows=("sessions",),
)
FUNNEL = Measure("funnel_sessions", "funnel", ("sessions",), metric="sessions", rows=("sessions",))
JOURNEY = Measure("journey_stage_sessions", "journey", ("sessions",), metric="journey_stage_sessions")
SOURCE_CONVERSION = Measure(
    "source_conversion",
    "sources",
    ("credited_sessions_with_order",),
    over=("credited_sessions",),
    metric="session_conversion_rate",
    rows=("sessions",),
)
SEARCH_CLICKS = Measure("search_clicks", "search", ("clicks",), metric="search_clicks")

# marketing
SPEND = Measure("marketing_spend", "channel_total", ("spend_amount",), metric="marketing_spend", rows=("ad_spend",))
AD_CLICKS = Measure("ad_clicks", "channel_total", ("clicks",), metric="ad_clicks", rows=("ad_spend",))
CTR = Measure(
    "ad_click_through_rate",
    "channel_total",
    ("clicks",),
    over=("impressions",),
    metric="ad_click_through_rate",
    rows=("ad_spend",),
)
CPC = Measure(
    "cost_per_click", "channel_total", ("spend_amount",), over=("clicks",), metric="cost_per_click", rows=("ad_spend",)
)
ROAS = Measure("roas", "channel_total", ("net_sales_amount",), over=("spend_amount",), metric="roas")
ROI = Measure(
    "marketing_roi",
    "channel_total",
    ("margin_amount",),
    ("spend_amount",),
    over=("spend_amount",),
    metric="marketing_roi",
)
CAC = Measure(
    "customer_acquisition_cost",
    "channel_total",
    ("spend_amount",),
    over=("new_customers",),
    metric="customer_acquisition_cost",
    rows=("new_customers",),
)
PAYBACK = Measure("payback_months", "channel_total", ("payback_months",), metric="payback_months", at="end")
CHANNEL_SPEND = SPEND.named("channel_spend", dataset="channels")
CHANNEL_REVENUE = Measure("channel_revenue", "channels", ("net_sales_amount",), metric="attributed_revenue_last")
ATTRIBUTED = Measure(
    "attributed_revenue",
    "attribution",
    ("net_sales",),
    label=_("Attributed sales"),
    unit="currency",
    metric="attributed_revenue_last",
)

# orders and channels
SELF_SERVICE = Measure(
    "self_service_order_rate",
    "channel_orders",
    ("self_service_orders",),
    over=("orders",),
    metric="self_service_order_rate",
    rows=("orders",),
)
CANCELLATION = Measure(
    "cancellation_rate",
    "channel_orders",
    ("cancelled_orders",),
    over=("placed_orders",),
    label=_("Cancelled before shipment"),
    unit="rate",
    direction="down",
    metric="cancellation_rate",
    rows=("orders",),
)
INFLUENCE = Measure(
    "digital_influence_rate",
    "influence",
    ("influenced_orders",),
    over=("offline_orders",),
    metric="digital_influence_rate",
    rows=("orders",),
)
INFLUENCED_SALES = Measure(
    "influenced_sales_rate",
    "influence",
    ("influenced_sales_amount",),
    over=("sales_amount",),
    metric="influenced_sales_rate",
    rows=("orders",),
)
RETURN_REASONS = Measure("return_reasons", "returns", ("returns_amount",), metric="returns_amount", rows=("returns",))

# operations and finance
OTIF = Measure(
    "otif_rate", "fulfilment", ("otif_lines",), over=("lines_due",), metric="otif_rate", rows=("deliveries",)
)
IN_FULL = Measure(
    "in_full_rate", "fulfilment", ("in_full_lines",), over=("lines_due",), metric="in_full_rate", rows=("deliveries",)
)
ON_TIME = ON_TIME_DELIVERY.named("on_time", target="")
FILL = Measure(
    "fill_rate", "delivery", ("first_shipped_units",), over=("started_units",), metric="fill_rate", rows=("deliveries",)
)
STOCK = Measure("stock_amount", "inventory", ("stock_amount",), metric="stock_amount", at="end")
TURNOVER = Measure(
    "inventory_turnover",
    "inventory",
    ("cost_12m_amount",),
    over=("average_stock_amount",),
    metric="inventory_turnover",
    at="end",
)
DEAD_STOCK = Measure(
    "dead_stock_rate",
    "inventory",
    ("dead_stock_amount",),
    over=("stock_amount",),
    metric="dead_stock_rate",
    at="end",
    page="operations.html#at=inventory_table",
)
RECEIVABLES = Measure(
    "receivables_amount",
    "receivables",
    ("receivables_amount",),
    metric="receivables_amount",
    at="end",
    page="operations.html#at=open_invoices",
)
OVERDUE_RATE = Measure(
    "overdue_rate",
    "receivables",
    ("overdue_amount",),
    over=("receivables_amount",),
    metric="overdue_rate",
    at="end",
    page="operations.html#at=open_invoices",
)
PAID_ON_TIME = Measure(
    "on_time_payment_rate",
    "receivables",
    ("on_time_invoices",),
    over=("invoices_due",),
    metric="on_time_payment_rate",
    rows=("invoices",),
)
DSO = Measure("dso_days", "dso", ("receivables_days",), over=("credit_sales",), metric="dso_days", at="end")
AGING = Measure(
    "aging", "aging", ("amount",), metric="receivables_amount", at="end", page="operations.html#at=open_invoices"
)
TERMS = Measure(
    "terms",
    "terms",
    ("invoiced_amount",),
    label=_("Invoiced amount"),
    unit="currency",
    metric="payment_terms_share_rate",
    rows=("invoices",),
)

# service
INQUIRIES = Measure("inquiries", "service", ("inquiries",), metric="inquiries", rows=("inquiries",))
SLA = Measure(
    "sla_hit_rate",
    "service",
    ("answered_in_time_inquiries",),
    over=("due_inquiries",),
    metric="sla_hit_rate",
    rows=("inquiries",),
)
UNANSWERED = Measure(
    "unanswered_inquiry_rate",
    "service",
    ("unanswered_inquiries",),
    over=("inquiries",),
    metric="unanswered_inquiry_rate",
    rows=("inquiries",),
)
ANSWER_HOURS = Measure(
    "service_response_hours_median",
    "service_times",
    ("response_median_hours",),
    metric="service_response_hours_median",
    at="end",
    rows=("inquiries",),
)
ANSWER_P90 = ANSWER_HOURS.named(
    "service_response_hours_p90", plus=("response_p90_hours",), metric="service_response_hours_p90"
)
RESOLUTION_HOURS = ANSWER_HOURS.named(
    "service_resolution_hours_median", plus=("resolution_median_hours",), metric="service_resolution_hours_median"
)
CSAT = Measure(
    "csat",
    "satisfaction",
    ("top_two_responses",),
    over=("responses",),
    metric="csat",
    where=(("survey_type", "csat"),),
    rows=("surveys",),
    sparse=True,
)
WILLINGNESS = CSAT.named(
    "willingness_to_continue_rate", metric="willingness_to_continue_rate", where=(("survey_type", "willingness"),)
)
SURVEY_RESPONSE = Measure(
    "survey_response_rate",
    "satisfaction",
    ("surveys_answered",),
    over=("surveys_sent",),
    metric="survey_response_rate",
    rows=("surveys",),
)
REVIEW_SCORE = Measure("review_score", "reviews", ("score_total",), over=("reviews",), metric="review_score")
NPS_REVENUE = Measure(
    "nps_class_revenue_12m",
    "nps_revenue",
    ("net_sales_12m",),
    metric="nps_class_revenue_12m",
    at="as_of",
    page="service.html#at=service_accounts",
)
