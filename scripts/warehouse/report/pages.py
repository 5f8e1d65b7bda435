"""The boards: which figures, charts and tables each page shows, and in which order."""

from dataclasses import dataclass

from warehouse.report import measures as m
from warehouse.report.drill import ACCOUNT_PARTS, PRODUCT_PARTS, Part
from warehouse.report.widgets import Attention, Chart, Column, Page, Section, TableOf, Tiles
from warehouse.report.words import _

ACCOUNT = Column("account_name", _("Account"), link="account:account")
REP = Column("rep_name", _("Rep"), link="rep:rep")
REASON = Column("reason", _("Reason"), "reason")
SEGMENT = Column("segment", _("Size"), "code")
SALES_12M = Column("net_sales_12m", _("Net sales, 12 months"), "currency")

STRUCTURE = (
    ("channel", _("Channel"), ""),
    ("segment", _("Size of company"), ""),
    ("country", _("Country"), ""),
    ("catalog", _("Catalog"), ""),
    ("rep", _("Account owner"), ""),
)
# cut by what the cube of sales does not have
MORE_STRUCTURE = (("category", _("Category"), "categories"), ("industry", _("Industry"), "industries"))

WORK_LISTS = (
    ("overdue", _("Customers late by their own rhythm"), "customers.html#at=overdue", "net_sales_12m"),
    ("closing_deals", _("Deals to close or to wake up"), "sales.html#at=closing_deals", "amount"),
    ("open_quotes", _("Open quotes"), "quotes.html#at=open_quotes", "amount"),
    ("agreements", _("Agreements due for renewal"), "sales.html#at=agreements", "net_sales_12m"),
    ("open_invoices", _("Invoices to chase"), "operations.html#at=open_invoices", "amount"),
    ("credit", _("Accounts on the credit list"), "operations.html#at=credit", "amount"),
    ("inventory_items", _("Stock to act on"), "operations.html#at=inventory_table", "stock_amount"),
    ("service_accounts", _("Customers waiting or unhappy"), "service.html#at=service_accounts", "net_sales_12m"),
)

OVERDUE = TableOf(
    "overdue",
    "overdue",
    (
        ACCOUNT,
        REP,
        SEGMENT,
        SALES_12M,
        REASON,
        Column("last_ordered_on", _("Last order"), "date"),
        Column("expected_next_order_on", _("Expected"), "date"),
        Column("last_contacted_on", _("Last contact"), "date"),
    ),
    _("Customers late by their own rhythm: {count}, with {amount} of sales in 12 months"),
    amount="net_sales_12m",
    sort=("net_sales_12m", True),
    metric="overdue_customers",
    at="as_of",
    empty=_("Nobody is late: every customer with a rhythm ordered within it."),
)

ALL_ACCOUNTS = TableOf(
    "all_accounts",
    "accounts",
    (
        ACCOUNT,
        REP,
        SEGMENT,
        Column("country", _("Country"), "code"),
        SALES_12M,
        Column("net_sales", _("Net sales, all"), "currency"),
        Column("orders", _("Orders"), "count"),
        Column("margin_rate", _("Margin"), "rate"),
        Column("clv_margin", _("Margin to date"), "currency"),
        Column("abc_class", _("ABC"), "code"),
        Column("last_ordered_on", _("Last order"), "date"),
        Column("usual_interval_days", _("Usual interval"), "days"),
        Column("users", _("Users"), "count"),
        Column("active_users", _("Active users"), "count"),
        Column("open_invoices", _("Open invoices"), "currency"),
        Column("credit_used_rate", _("Credit used"), "rate"),
        Column("nps", _("NPS"), "score"),
    ),
    _("Accounts: {count}, with {amount} of sales in 12 months"),
    amount="net_sales_12m",
    sort=("net_sales_12m", True),
    at="as_of",
)

OVERVIEW = Page(
    "overview",
    _("Overview"),
    _("How is business, which way is it going, and what needs attention?"),
    (
        Section(_("Key figures"), (Tiles("board", m.BOARD),)),
        Section(
            _("Revenue"),
            (
                Chart("revenue_trend", "trend", (m.REVENUE,), target="revenue", wide=True),
                Chart(
                    "revenue_structure",
                    "bars",
                    (m.REVENUE,),
                    choices=(*STRUCTURE, *MORE_STRUCTURE),
                    by="channel",
                    say="top",
                ),
                Chart("revenue_by_category", "bars", (m.CATEGORY_REVENUE,), by="category", say="top"),
            ),
            needs="sales",
        ),
        Section(
            _("What changed most"),
            (
                Chart(
                    "movers",
                    "bars",
                    (m.REVENUE,),
                    choices=(*STRUCTURE, *MORE_STRUCTURE),
                    by="channel",
                    say="movers",
                    extra=(("change", True),),
                    top=10,
                ),
                TableOf(
                    "account_movers",
                    "movers",
                    (
                        ACCOUNT,
                        SEGMENT,
                        Column("change_amount", _("Change"), "change_currency"),
                        Column("net_sales", _("Net sales of the month"), "currency"),
                    ),
                    _("Accounts that changed most against the month before: {amount} in all"),
                    amount="change_amount",
                    unit="change_currency",
                    sort=("|change_amount|", True),
                    at="end",
                    wide=False,
                    size=8,
                ),
            ),
            needs="sales",
        ),
        Section(_("What needs attention"), (Attention("attention", WORK_LISTS),)),
    ),
)

CUSTOMERS = Page(
    "customers",
    _("Customers"),
    _("Who buys, who comes back, who is about to be lost?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "customer_figures",
                    (
                        m.ORDERING_CUSTOMERS,
                        m.NEW_CUSTOMERS,
                        m.REPEAT_CUSTOMERS,
                        m.CUSTOMERS_LOST,
                        m.CHURN_RATE,
                        m.NRR,
                        m.GRR,
                        m.REPEAT_RATE,
                        m.FREQUENCY,
                        m.OVERDUE,
                        m.CLV,
                        m.TOP_20,
                        m.HHI,
                        m.SHOP_USE,
                    ),
                ),
            ),
        ),
        Section(_("Customers to call"), (OVERDUE,)),
        Section(
            _("Growth and loss"),
            (
                Chart("bridge", "waterfall", m.BRIDGE, say="bridge"),
                Chart(
                    "new_and_lost",
                    "trend",
                    (m.NEW_COUNT, m.LOST_COUNT),
                    about=_("New customers and lost ones"),
                    say="pair",
                ),
                Chart("retention", "trend", (m.NRR, m.GRR), about=_("Retained revenue"), say="pair"),
                Chart("concentration", "trend", (m.TOP_20,), say="trend"),
                Chart("cohorts", "heatmap", (m.COHORT_RETENTION,), by="cohort", x="months_since", say="cohorts"),
                Chart(
                    "repeat",
                    "bars",
                    (m.REPEAT_PROBABILITY,),
                    by="purchase",
                    order="purchase_number",
                    say="ends",
                    top=12,
                    extra=(("label", "after_orders"),),
                ),
            ),
            needs="churn",
        ),
        Section(
            _("Value and rhythm"),
            (
                Chart("abc", "bars", (m.ABC_REVENUE,), by="abc_class", say="top", order="abc_class"),
                Chart("cadence", "bars", (m.CADENCE,), by="cadence_state", say="top"),
            ),
            needs="cadence",
        ),
        Section(
            _("Users of the shop"),
            (
                Chart("users", "trend", m.USERS, about=_("Users, active ones and those who order"), say="pair"),
                Chart("shop_use", "trend", (m.SHOP_USE,)),
            ),
            needs="users",
        ),
        Section(_("All accounts"), (ALL_ACCOUNTS,)),
    ),
)

CATALOGS = Page(
    "catalogs",
    _("Catalogs and products"),
    _("Which catalogs, groups and items earn money, at which price?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "catalog_figures",
                    (
                        m.CATALOG_REVENUE,
                        m.MARGIN_RATE.named("margin", target=""),
                        m.DISCOUNT_RATE,
                        m.RETURNS_RATE,
                        m.UNITS,
                        m.SKU_COVERAGE,
                        m.ACTIVE_ACCOUNT_RATE,
                    ),
                ),
            ),
        ),
        Section(
            _("Catalogs"),
            (
                Chart("catalog_trend", "columns", (m.CATALOG_REVENUE,), series="catalog", say="top"),
                Chart("catalog_margin", "bars", (m.MARGIN_RATE.named("catalog_margin"),), by="catalog", say="ends"),
                TableOf(
                    "catalog_table",
                    "catalogs",
                    (
                        Column("catalog_name", _("Catalog"), link="catalog:catalog"),
                        Column("target_group", _("Target group")),
                        Column("net_sales", _("Net sales"), "currency", plus=("net_sales_amount",)),
                        Column("orders", _("Orders"), "count", plus=("orders",)),
                        Column("margin", _("Margin"), "rate", plus=("margin_amount",), over=("margin_base_amount",)),
                        Column("discount", _("Discount"), "rate", plus=("discount_amount",), over=("gross_amount",)),
                        Column("returned", _("Returned units"), "rate", plus=("returned_units",), over=("units",)),
                    ),
                    _("Catalogs: {count}, with {amount} of net sales"),
                    amount="net_sales",
                    group=("catalog", "catalog_name", "target_group"),
                    sort=("net_sales", True),
                ),
            ),
            needs="sales",
        ),
        Section(
            _("Products"),
            (
                Chart("category_revenue", "bars", (m.CATEGORY_REVENUE,), by="category", say="top"),
                Chart("category_margin", "bars", (m.CATEGORY_MARGIN,), by="category", say="ends"),
                Chart(
                    "product_map",
                    "scatter",
                    (m.PRODUCT_REVENUE, m.PRODUCT_MARGIN),
                    by="product_name",
                    series="abc_class",
                    say="scatter",
                    wide=True,
                    top=400,
                    about=_("Net sales and margin of the products"),
                ),
                TableOf(
                    "product_table",
                    "products",
                    (
                        Column("product_name", _("Product"), link="product:product"),
                        Column("sku", _("SKU")),
                        Column("category", _("Category")),
                        Column("net_sales", _("Net sales, 12 months"), "currency"),
                        Column("units", _("Units"), "count"),
                        Column("margin_rate", _("Margin"), "rate"),
                        Column("discount_rate", _("Discount"), "rate"),
                        Column("return_rate", _("Return rate"), "rate"),
                        Column("abc_class", _("ABC"), "code"),
                        Column("xyz_class", _("XYZ"), "code"),
                        Column("trend_rate", _("Trend"), "change_rate"),
                        Column("price_index", _("Price against market"), "ratio"),
                        Column("review_score", _("Reviews"), "score"),
                    ),
                    _("Products: {count}, with {amount} of net sales in 12 months"),
                    amount="net_sales",
                    sort=("net_sales", True),
                    at="as_of",
                ),
            ),
            needs="products",
        ),
        Section(
            _("Prices"),
            (
                TableOf(
                    "discounts",
                    "discounts",
                    (
                        Column("cut_on", _("Day of the cut"), "date"),
                        Column("catalog_name", _("Catalog"), link="catalog:catalog"),
                        Column("category", _("Category"), "code"),
                        Column("items", _("Items"), "count"),
                        Column("price_change_rate", _("Price"), "change_rate"),
                        Column("units_effect", _("Effect on units"), "effect"),
                        Column("sales_effect", _("Effect on sales"), "effect"),
                        Column("margin_effect", _("Effect on margin"), "effect"),
                        Column("is_significant", _("Significant"), "flag"),
                    ),
                    _("Price cuts measured against the catalogs without a cut: {count}"),
                    sort=("cut_on", True),
                    metric="discount_effect_on_sales",
                    at="as_of",
                ),
                TableOf(
                    "elasticity",
                    "elasticity",
                    (
                        Column("product_name", _("Product"), link="product:product"),
                        Column("category", _("Category")),
                        Column("elasticity", _("Elasticity"), "ratio"),
                        Column("elasticity_low", _("from"), "ratio"),
                        Column("elasticity_high", _("to"), "ratio"),
                        Column("compared_lines", _("Compared lines"), "count"),
                        Column("price_index", _("Price against market"), "ratio"),
                        Column("price_position", _("Position"), "code"),
                    ),
                    _("Products with a price elasticity or a competitor's price: {count}"),
                    sort=("elasticity", False),
                    metric="price_elasticity",
                    at="as_of",
                ),
                TableOf(
                    "affinity",
                    "affinity",
                    (
                        Column("product_name", _("Product"), link="product:product"),
                        Column("other_product_name", _("bought with"), link="product:other_product"),
                        Column("pair_orders", _("Orders with both"), "count"),
                        Column("confidence", _("Share of the orders of the first"), "rate"),
                        Column("lift", _("Times as often as by chance"), "ratio"),
                    ),
                    _("Products that are bought together more often than by chance: {count} pairs"),
                    sort=("lift", True),
                    metric="affinity_lift",
                    at="as_of",
                ),
            ),
        ),
    ),
)

QUOTES = Page(
    "quotes",
    _("Negotiation"),
    _("How do quotes become orders, how long does it take, what does it cost?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "quote_figures",
                    (
                        m.QUOTES,
                        m.QUOTE_TO_ORDER,
                        m.QUOTE_VALUE_RATE,
                        m.DISCOUNT_DEPTH,
                        m.ROUNDS,
                        m.NEGOTIATION_HOURS,
                        m.NEGOTIATION_P90,
                        m.RESPONSE_HOURS,
                        m.OPEN_QUOTES,
                        m.EXPECTED_QUOTES,
                    ),
                ),
            ),
            needs="quotes",
        ),
        Section(
            _("From request to order"),
            (
                Chart("quote_funnel", "bars", m.QUOTE_STEPS, about=_("Quotes"), say="funnel", extra=(("steps", True),)),
                Chart(
                    "quote_rate",
                    "trend",
                    (m.QUOTE_TO_ORDER, m.QUOTE_VALUE_RATE),
                    about=_("Quotes that become orders"),
                    say="pair",
                ),
                Chart(
                    "quote_hours",
                    "trend",
                    (m.NEGOTIATION_HOURS, m.RESPONSE_HOURS),
                    about=_("Median hours of negotiation and to the first answer"),
                    say="pair",
                ),
                Chart("quote_depth", "trend", (m.DISCOUNT_DEPTH,)),
                Chart("quote_states", "bars", (m.STATE_HOURS,), by="state", say="ends"),
                Chart(
                    "quote_odds",
                    "heatmap",
                    (m.QUOTE_SUCCESS,),
                    by="state",
                    x="age_class",
                    say="ends",
                    extra=(("x_order", "age_from_days"),),
                ),
            ),
            needs="quotes",
        ),
        Section(
            _("Open quotes"),
            (
                TableOf(
                    "open_quotes",
                    "open_quotes",
                    (
                        Column("quote", _("Quote"), "key"),
                        ACCOUNT,
                        REP,
                        REASON,
                        Column("state", _("State"), "code"),
                        Column("amount", _("Amount"), "currency"),
                        Column("success_rate", _("Chance"), "rate"),
                        Column("expected_amount", _("Expected"), "currency"),
                        Column("age_days", _("Age"), "days"),
                        Column("days_in_state", _("In this state"), "days"),
                        Column("expires_on", _("Valid until"), "date"),
                    ),
                    _("Open quotes: {count}, worth {amount}"),
                    amount="amount",
                    sort=("amount", True),
                    metric="open_quotes",
                    at="as_of",
                    empty=_("No quote is open."),
                ),
            ),
            needs="quotes",
        ),
        Section(
            _("By rep, size and catalog"),
            (
                TableOf(
                    "negotiation_members",
                    "negotiation_all",
                    (
                        Column("dimension", _("By"), "code"),
                        Column("member", _("Member"), "code"),
                        Column("decided_quotes", _("Decided"), "count"),
                        Column("open_quotes", _("Open"), "count"),
                        Column("discount_depth_rate", _("Discount depth"), "rate"),
                        Column("rounds_per_quote", _("Rounds"), "ratio"),
                        Column("median_negotiation_hours", _("Median duration"), "hours"),
                        Column("p90_negotiation_hours", _("Nine of ten within"), "hours"),
                        Column("median_first_response_hours", _("First answer"), "hours"),
                    ),
                    _("Negotiation by rep, size of company and catalog, all months"),
                    sort=("dimension", False),
                    at="as_of",
                ),
            ),
            needs="quotes",
        ),
    ),
)

REP_TABLE = TableOf(
    "rep_table",
    "reps",
    (
        Column("rep_name", _("Rep"), link="rep:rep"),
        Column("team", _("Team")),
        Column("owned", _("Net sales of own accounts"), "currency", plus=("owned_net_sales",)),
        Column("quota_amount", _("Quota"), "currency", plus=("quota",)),
        Column("attainment", _("Attainment"), "rate", plus=("owned_net_sales_with_quota",), over=("quota",)),
        Column("margin", _("Margin"), "rate", plus=("margin_amount",), over=("costed_net_sales_amount",)),
        Column("won", _("Won deals"), "count", plus=("won_deals",)),
        Column("win", _("Win rate"), "rate", plus=("won_deals",), over=("won_deals", "lost_deals")),
        Column("quote_rate", _("Quote to order"), "rate", plus=("converted_quotes",), over=("requested_quotes",)),
        Column("discount", _("Discount"), "rate", plus=("discount_amount",), over=("gross_sales_amount",)),
        Column("activities", _("Activities"), "count", plus=("activities",)),
    ),
    _("Reps: {count}, with {amount} of net sales of their accounts"),
    amount="owned",
    group=("rep", "rep_name", "team"),
    sort=("owned", True),
    metric="quota_attainment_ratio",
)

CLOSING_DEALS = TableOf(
    "closing_deals",
    "closing_deals",
    (
        Column("deal", _("Deal"), "key"),
        ACCOUNT,
        REP,
        REASON,
        Column("stage", _("Stage"), "code"),
        Column("amount", _("Amount"), "currency"),
        Column("stage_win_rate", _("Chance"), "rate"),
        Column("weighted_amount", _("Weighted"), "currency"),
        Column("expected_close_on", _("Expected"), "date"),
        Column("days_in_stage", _("In this stage"), "days"),
        Column("days_since_contact", _("Since last contact"), "days"),
    ),
    _("Deals to close or to wake up: {count}, worth {amount}"),
    amount="amount",
    sort=("amount", True),
    metric="deals_due_soon",
    at="as_of",
    empty=_("No open deal is due soon, late or stale."),
)

SALES = Page(
    "sales",
    _("Sales team"),
    _("What is in the pipeline, who reaches the quota, what is due?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "sales_figures",
                    (
                        m.WON_DEALS,
                        m.WIN_RATE,
                        m.WON_AMOUNT,
                        m.CYCLE,
                        m.PIPELINE,
                        m.WEIGHTED,
                        m.COVERAGE,
                        m.VELOCITY,
                        m.STALE_DEALS,
                        m.QUOTA,
                        m.LEADS,
                        m.LEAD_CONVERSION,
                    ),
                ),
            ),
            needs="pipeline",
        ),
        Section(_("Deals to act on"), (CLOSING_DEALS,), needs="pipeline"),
        Section(
            _("Pipeline"),
            (
                Chart("stages", "grouped", (m.STAGE_AMOUNT, m.STAGE_WEIGHTED), by="stage", say="top"),
                Chart(
                    "pipeline_trend",
                    "trend",
                    (m.PIPELINE, m.WEIGHTED),
                    about=_("Open pipeline, and weighted by chance"),
                    say="pair",
                ),
                Chart("win_rate_trend", "trend", (m.WIN_RATE,), target="win_rate"),
                Chart(
                    "deal_outcomes", "columns", (m.WON_DEALS, m.LOST_DEALS), about=_("Won and lost deals"), say="pair"
                ),
            ),
            needs="pipeline",
        ),
        Section(
            _("The team"),
            (
                Chart("quota", "bars", (m.QUOTA,), by="rep", say="ends", top=20),
                Chart("rep_revenue", "bars", (m.REP_REVENUE,), by="rep", say="top", top=20),
                REP_TABLE,
            ),
            needs="reps",
        ),
        Section(
            _("Leads and first orders"),
            (
                Chart("lead_sources", "bars", (m.LEADS,), by="source", say="top"),
                Chart("lead_conversion", "bars", (m.LEAD_CONVERSION,), by="source", say="ends"),
                Chart(
                    "buying_group",
                    "grouped",
                    (m.CONTACTS_PER_DEAL,),
                    by="segment",
                    series="outcome",
                    say="ends",
                    order="segment",
                ),
            ),
            needs="leads",
        ),
        Section(
            _("Agreements"),
            (
                TableOf(
                    "agreements",
                    "agreements",
                    (
                        Column("agreement", _("Agreement"), "key"),
                        ACCOUNT,
                        REP,
                        REASON,
                        Column("agreement_type", _("Type")),
                        Column("ends_on", _("Ends"), "date"),
                        Column("notice_on", _("Notice by"), "date"),
                        Column("committed_amount", _("Committed"), "currency"),
                        SALES_12M,
                        Column("commitment_rate", _("Fulfilled"), "rate"),
                    ),
                    _("Agreements due for renewal: {count}, of accounts with {amount} of sales in 12 months"),
                    amount="net_sales_12m",
                    sort=("net_sales_12m", True),
                    metric="agreements_due",
                    at="as_of",
                    empty=_("No agreement is due."),
                ),
            ),
            needs="agreements",
        ),
    ),
)

WEB = Page(
    "web",
    _("Web and funnel"),
    _("Who comes to the shop, from where, and where do they leave?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "web_figures",
                    (
                        m.VISITORS,
                        m.SESSIONS,
                        m.TRAFFIC_CONVERSION,
                        m.ENGAGEMENT,
                        m.BOUNCE,
                        m.PAGES_PER_SESSION,
                        m.ENGAGED_SECONDS,
                        m.ORGANIC,
                        m.CART_ABANDONMENT,
                    ),
                ),
            ),
            needs="traffic",
        ),
        Section(
            _("The way to an order"),
            (
                Chart(
                    "funnel",
                    "bars",
                    (m.FUNNEL,),
                    by="step",
                    order="step_number",
                    say="funnel",
                    extra=(("steps", True),),
                ),
                Chart("conversion_trend", "trend", (m.TRAFFIC_CONVERSION,), target="session_conversion_rate"),
                Chart("abandonment", "trend", (m.CART_ABANDONMENT,)),
                Chart("journey", "shares", (m.JOURNEY,), series="stage", say="top", order="stage_number"),
            ),
            needs="traffic",
        ),
        Section(
            _("Where visits come from"),
            (
                Chart("devices", "columns", (m.SESSIONS,), series="device", say="top"),
                Chart(
                    "source_sessions",
                    "bars",
                    (m.SESSIONS.named("source_sessions", dataset="sources"),),
                    by="source",
                    say="top",
                ),
                Chart("source_conversion", "bars", (m.SOURCE_CONVERSION,), by="source", say="ends"),
                Chart("search", "trend", (m.SEARCH_CLICKS,)),
                TableOf(
                    "sources",
                    "sources",
                    (
                        Column("source", _("Source"), "code"),
                        Column("medium", _("Medium"), "code"),
                        Column("sessions_sum", _("Sessions"), "count", plus=("sessions",)),
                        Column("engaged", _("Engaged"), "rate", plus=("engaged_sessions",), over=("sessions",)),
                        Column("bounced", _("Bounced"), "rate", plus=("bounced_sessions",), over=("sessions",)),
                        Column(
                            "conversion",
                            _("Conversion"),
                            "rate",
                            plus=("credited_sessions_with_order",),
                            over=("credited_sessions",),
                        ),
                        Column("orders_sum", _("Orders"), "count", plus=("orders",)),
                        Column("sales_sum", _("Net sales"), "currency", plus=("net_sales",)),
                    ),
                    _("Sources of visits: {count}, with {amount} of net sales"),
                    amount="sales_sum",
                    group=("source", "medium"),
                    sort=("sessions_sum", True),
                    metric="session_conversion_rate",
                ),
            ),
            needs="traffic",
        ),
        Section(
            _("Pages and keywords"),
            (
                TableOf(
                    "landing_pages",
                    "landing_pages",
                    (
                        Column("landing_page", _("Landing page")),
                        Column("page_type", _("Kind of page"), "code"),
                        Column("sessions", _("Sessions"), "count"),
                        Column("bounce_rate", _("Bounced"), "rate"),
                        Column("conversion_rate", _("Conversion"), "rate"),
                    ),
                    _("Landing pages: {count}, all months"),
                    sort=("sessions", True),
                    metric="bounce_rate",
                    at="as_of",
                ),
                TableOf(
                    "keywords",
                    "keywords",
                    (
                        Column("keyword", _("Keyword"), "code"),
                        Column("sessions", _("Sessions"), "count"),
                        Column("bounce_rate", _("Bounced"), "rate"),
                        Column("conversion_rate", _("Conversion"), "rate"),
                    ),
                    _("Keywords: {count}, all months"),
                    sort=("sessions", True),
                    metric="bounce_rate",
                    at="as_of",
                    wide=False,
                ),
                TableOf(
                    "page_types",
                    "page_types",
                    (
                        Column("page_type", _("Kind of page"), "code"),
                        Column("views", _("Page views"), "count", plus=("page_views",)),
                        Column(
                            "seconds",
                            _("Time on page"),
                            "seconds",
                            plus=("seconds_on_page",),
                            over=("timed_page_visits",),
                        ),
                        Column("cta", _("CTA clicks"), "count", plus=("cta_clicks",)),
                        Column("videos", _("Videos"), "count", plus=("video_plays",)),
                    ),
                    _("Kinds of pages: {count}"),
                    group=("page_type",),
                    sort=("views", True),
                    metric="seconds_on_page_average",
                    wide=False,
                ),
                TableOf(
                    "search_table",
                    "search",
                    (
                        Column("keyword", _("Keyword"), "code"),
                        Column("impressions_sum", _("Impressions"), "count", plus=("impressions",)),
                        Column("clicks_sum", _("Clicks"), "count", plus=("clicks",)),
                        Column("ctr", _("Click rate"), "rate", plus=("clicks",), over=("impressions",)),
                        Column(
                            "position",
                            _("Average position"),
                            "ratio",
                            plus=("position_sum",),
                            over=("positioned_impressions",),
                        ),
                    ),
                    _("Keywords in search results: {count}"),
                    group=("keyword",),
                    sort=("impressions_sum", True),
                    metric="search_click_through_rate",
                    wide=False,
                ),
            ),
            needs="traffic",
        ),
        Section(
            _("Experiments and segments"),
            (
                TableOf(
                    "experiments",
                    "experiments",
                    (
                        Column("experiment_id", _("Experiment"), "key"),
                        Column("variant", _("Variant"), "code"),
                        Column("assigned_units", _("Assigned"), "count"),
                        Column("converted_units", _("Converted"), "count"),
                        Column("conversion_rate", _("Conversion"), "rate"),
                        Column("lift_rate", _("Lift"), "change_rate"),
                        Column("p_value", _("p value"), "ratio"),
                        Column("is_significant", _("Significant"), "flag"),
                        Column("has_sample_ratio_mismatch", _("Uneven split"), "flag"),
                        Column("ended_on", _("Ended"), "date"),
                    ),
                    _("Experiments, by variant: {count}"),
                    sort=("experiment_id", False),
                    metric="experiment_conversion_rate",
                    at="as_of",
                    empty=_("No experiment has been run."),
                ),
                TableOf(
                    "benchmark",
                    "benchmark",
                    (
                        Column("dimension", _("By"), "code"),
                        Column("member_name", _("Member"), "code"),
                        Column("sessions", _("Sessions"), "count"),
                        Column("session_conversion_rate", _("Conversion"), "rate"),
                        Column("engagement_rate", _("Engaged"), "rate"),
                        Column("bounce_rate", _("Bounced"), "rate"),
                        Column("average_duration_minutes", _("Minutes on site"), "ratio"),
                        Column("orders", _("Orders"), "count"),
                        Column("average_order_amount", _("Average order"), "currency"),
                    ),
                    _("Segments side by side, all months: {count}"),
                    sort=("dimension", False),
                    at="as_of",
                ),
            ),
            needs="traffic",
        ),
    ),
)

MARKETING = Page(
    "marketing",
    _("Marketing"),
    _("What does marketing cost, and what does it bring?"),
    (
        Section(
            _("Key figures"),
            (Tiles("marketing_figures", (m.SPEND, m.AD_CLICKS, m.CTR, m.CPC, m.CAC, m.PAYBACK, m.ROAS, m.ROI)),),
            needs="spend",
        ),
        Section(
            _("Channels"),
            (
                Chart("spend", "columns", (m.CHANNEL_SPEND,), series="channel", say="top"),
                Chart("roas_trend", "trend", (m.ROAS,)),
                Chart("channel_return", "grouped", (m.CHANNEL_SPEND, m.CHANNEL_REVENUE), by="channel", say="top"),
                Chart(
                    "attribution",
                    "grouped",
                    (m.ATTRIBUTED,),
                    by="channel",
                    series="model",
                    say="top",
                    extra=(("of", "model"),),
                ),
            ),
            needs="spend",
        ),
        Section(
            _("Campaigns"),
            (
                TableOf(
                    "campaigns",
                    "campaigns",
                    (
                        Column("campaign_name", _("Campaign")),
                        Column("channel", _("Channel"), "code"),
                        Column("spend", _("Spend"), "currency", plus=("spend_amount",)),
                        Column("clicks_sum", _("Clicks"), "count", plus=("clicks",)),
                        Column("ctr", _("Click rate"), "rate", plus=("clicks",), over=("impressions",)),
                        Column("leads_sum", _("Leads"), "count", plus=("leads",)),
                        Column("cpl", _("Cost per lead"), "currency", plus=("spend_amount",), over=("leads",)),
                        Column("orders_sum", _("Orders"), "count", plus=("attributed_orders",)),
                        Column("sales", _("Attributed sales"), "currency", plus=("net_sales_amount",)),
                        Column(
                            "roas", _("Return on ad spend"), "ratio", plus=("net_sales_amount",), over=("spend_amount",)
                        ),
                    ),
                    _("Campaigns: {count}, with {amount} spent"),
                    amount="spend",
                    group=("campaign", "campaign_name", "channel"),
                    sort=("spend", True),
                    metric="roas",
                ),
                TableOf(
                    "emails",
                    "emails",
                    (
                        Column("campaign_name", _("Campaign")),
                        Column("first_sent_on", _("Sent on"), "date"),
                        Column("sent", _("Sent"), "count"),
                        Column("delivered", _("Delivered"), "count"),
                        Column("open_rate", _("Opened"), "rate"),
                        Column("click_rate", _("Clicked"), "rate"),
                        Column("click_to_open_rate", _("Clicks per open"), "rate"),
                        Column("bounce_rate", _("Bounced"), "rate"),
                        Column("unsubscribe_rate", _("Unsubscribed"), "rate"),
                    ),
                    _("E-mail campaigns: {count}"),
                    sort=("first_sent_on", True),
                    metric="email_click_rate",
                    at="as_of",
                    empty=_("No e-mail campaign has been sent."),
                ),
            ),
            needs="spend",
        ),
    ),
)

ORDERS = Page(
    "orders",
    _("Orders and channels"),
    _("How do orders come in, how large are they, what comes back?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "order_figures",
                    (
                        m.ORDERS,
                        m.AOV,
                        m.GROSS_SALES,
                        m.DISCOUNTS,
                        m.RETURNS,
                        m.LINES_PER_ORDER,
                        m.UNITS_PER_ORDER,
                        m.SELF_SERVICE,
                        m.INFLUENCE,
                        m.INFLUENCED_SALES,
                        m.RETURNS_RATE,
                        m.CANCELLATION,
                    ),
                ),
            ),
        ),
        Section(
            _("Channels"),
            (
                Chart(
                    "channel_mix",
                    "shares",
                    (m.REVENUE.named("channel_mix", target=""),),
                    series="channel",
                    say="top",
                    wide=True,
                ),
                Chart(
                    "channel_orders", "bars", (m.ORDERS.named("channel_orders", target=""),), by="channel", say="top"
                ),
                Chart("channel_aov", "bars", (m.AOV.named("channel_aov", target=""),), by="channel", say="ends"),
                Chart("self_service", "trend", (m.SELF_SERVICE,)),
                Chart(
                    "influence",
                    "trend",
                    (m.INFLUENCE, m.INFLUENCED_SALES),
                    about=_("Offline orders and sales after research on the web"),
                    say="pair",
                ),
                TableOf(
                    "channel_sizes",
                    "channel_sizes",
                    (
                        Column("channel", _("Channel"), "code"),
                        Column("orders", _("Orders"), "count"),
                        Column("average_order_amount", _("Average order"), "currency"),
                        Column("median_order_amount", _("Median order"), "currency"),
                        Column("lines_per_order", _("Lines per order"), "ratio"),
                        Column("units_per_order", _("Units per order"), "ratio"),
                        Column("cancellation_rate", _("Cancelled"), "rate"),
                        Column("net_sales_share_rate", _("Share of sales"), "rate"),
                    ),
                    _("Channels, all complete months: {count}, with {amount} orders"),
                    amount="orders",
                    unit="count",
                    sort=("orders", True),
                    metric="median_order_amount",
                    at="as_of",
                ),
            ),
            needs="sales",
        ),
        Section(
            _("Returns"),
            (
                Chart("returns_trend", "trend", (m.RETURNS_RATE,)),
                Chart("return_reasons", "bars", (m.RETURN_REASONS,), by="reason", say="top"),
            ),
            needs="returns",
        ),
    ),
)

OPEN_INVOICES = TableOf(
    "open_invoices",
    "open_invoices",
    (
        Column("invoice", _("Invoice"), "key"),
        ACCOUNT,
        REP,
        REASON,
        Column("amount", _("Open"), "currency"),
        Column("aging_bucket", _("Past due"), "code"),
        Column("past_due_days", _("Days past due"), "count"),
        Column("due_on", _("Due"), "date"),
    ),
    _("Invoices to chase: {count}, with {amount} open"),
    amount="amount",
    sort=("amount", True),
    metric="overdue_rate",
    at="as_of",
    empty=_("No invoice is overdue, disputed or large."),
)

OPERATIONS = Page(
    "operations",
    _("Operations and finance"),
    _("Do goods arrive as promised, does money come in, where does it lie?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "operations_figures",
                    (
                        m.ON_TIME_DELIVERY,
                        m.OTIF,
                        m.IN_FULL,
                        m.FILL,
                        m.GROSS_MARGIN,
                        m.RECEIVABLES,
                        m.OVERDUE_RATE,
                        m.DSO,
                        m.PAID_ON_TIME,
                        m.STOCK,
                        m.TURNOVER,
                        m.DEAD_STOCK,
                    ),
                ),
            ),
        ),
        Section(
            _("Delivery"),
            (
                Chart(
                    "delivery_trend",
                    "trend",
                    (m.ON_TIME, m.IN_FULL, m.OTIF),
                    about=_("On time, in full, and both"),
                    say="pair",
                ),
                Chart("otif_by_size", "bars", (m.OTIF.named("otif_by_size"),), by="segment", say="ends"),
                TableOf(
                    "suppliers",
                    "suppliers",
                    (
                        Column("supplier_name", _("Supplier")),
                        Column("country_of_supplier", _("Country"), "code"),
                        Column("received_amount", _("Received"), "currency"),
                        Column("supplier_score", _("Score"), "score"),
                        Column("on_time_rate", _("On time"), "rate"),
                        Column("lead_time_days_median", _("Lead time"), "days"),
                        Column("defect_rate", _("Defective"), "rate"),
                        Column("price_change_rate", _("Price change"), "change_rate"),
                    ),
                    _("Suppliers: {count}, with {amount} of goods received"),
                    amount="received_amount",
                    sort=("supplier_score", True),
                    metric="supplier_score",
                    at="as_of",
                    empty=_("No supplier is known."),
                ),
            ),
            needs="fulfilment",
        ),
        Section(
            _("Money owed"),
            (
                Chart("aging", "columns", (m.AGING,), series="bucket", order="position", say="top"),
                Chart("dso", "trend", (m.DSO,)),
                Chart(
                    "terms",
                    "shares",
                    (m.TERMS,),
                    series="terms",
                    order="terms_days",
                    say="top",
                    extra=(("series_unit", "days"),),
                ),
                Chart("paid_on_time", "trend", (m.PAID_ON_TIME,)),
                OPEN_INVOICES,
                TableOf(
                    "credit",
                    "credit",
                    (
                        ACCOUNT,
                        REP,
                        REASON,
                        Column("amount", _("Exposure"), "currency"),
                        Column("credit_limit", _("Credit limit"), "currency"),
                        Column("credit_use_rate", _("Credit used"), "rate"),
                        Column("overdue_amount", _("Overdue"), "currency"),
                        Column("oldest_overdue_days", _("Oldest, days"), "count"),
                    ),
                    _("Accounts on the credit list: {count}, with {amount} of exposure"),
                    amount="amount",
                    sort=("overdue_amount", True),
                    metric="credit_use_rate",
                    at="as_of",
                    empty=_("No account is over its limit, overdue or in dispute."),
                ),
            ),
            needs="receivables",
        ),
        Section(
            _("Stock"),
            (
                Chart("stock", "columns", (m.STOCK,), series="category", say="top"),
                Chart("turnover", "bars", (m.TURNOVER,), by="category", say="ends"),
                TableOf(
                    "inventory_table",
                    "inventory_items",
                    (
                        Column("product_name", _("Product"), link="product:product"),
                        Column("sku", _("SKU")),
                        Column("category", _("Category")),
                        REASON,
                        Column("stock_amount", _("In stock"), "currency"),
                        Column("stock_units", _("Units"), "count"),
                        Column("sold_3m_units", _("Sold, 3 months"), "count"),
                        Column("weeks_of_cover", _("Weeks of cover"), "ratio"),
                        Column("last_sold_on", _("Last sold"), "date"),
                    ),
                    _("Stock to act on: {count} items, with {amount} in stock"),
                    amount="stock_amount",
                    sort=("stock_amount", True),
                    metric="dead_stock_rate",
                    at="as_of",
                    empty=_("No item is out of stock, idle or in excess."),
                ),
            ),
            needs="inventory",
        ),
    ),
)

SERVICE = Page(
    "service",
    _("Service"),
    _("Are customers answered in time, and would they recommend us?"),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "service_figures",
                    (
                        m.INQUIRIES,
                        m.ANSWER_HOURS,
                        m.ANSWER_P90,
                        m.RESOLUTION_HOURS,
                        m.SLA,
                        m.UNANSWERED,
                        m.NET_PROMOTERS,
                        m.CSAT,
                        m.WILLINGNESS,
                        m.SURVEY_RESPONSE,
                        m.REVIEW_SCORE,
                    ),
                ),
            ),
            needs="service",
        ),
        Section(
            _("Inquiries"),
            (
                Chart("inquiry_channels", "columns", (m.INQUIRIES,), series="channel", say="top"),
                Chart("inquiry_topics", "bars", (m.INQUIRIES.named("topics"),), by="topic", say="top"),
                Chart("sla", "trend", (m.SLA,)),
                Chart(
                    "answer_hours",
                    "trend",
                    (m.ANSWER_HOURS, m.RESOLUTION_HOURS),
                    about=_("Median hours to the answer and to the solution"),
                    say="pair",
                ),
            ),
            needs="service",
        ),
        Section(
            _("Satisfaction"),
            (
                Chart("nps_trend", "trend", (m.NET_PROMOTERS,), target="nps"),
                Chart("nps_revenue", "bars", (m.NPS_REVENUE,), by="nps_class", say="top"),
                TableOf(
                    "service_accounts",
                    "service_accounts",
                    (
                        ACCOUNT,
                        REP,
                        SEGMENT,
                        REASON,
                        SALES_12M,
                        Column("inquiries", _("Inquiries"), "count"),
                        Column("complaints", _("Complaints"), "count"),
                        Column("unanswered_inquiries", _("Unanswered"), "count"),
                        Column("response_median_hours", _("Median answer"), "hours"),
                        Column("nps_mean_score", _("NPS score"), "ratio"),
                        Column("last_inquiry_on", _("Last inquiry"), "date"),
                    ),
                    _("Customers waiting or unhappy: {count}, with {amount} of sales in 12 months"),
                    amount="net_sales_12m",
                    sort=("net_sales_12m", True),
                    at="as_of",
                    empty=_("Nobody waits, and nobody is unhappy."),
                ),
            ),
            needs="service",
        ),
    ),
)

REP_PAGE = Page(
    "rep",
    _("Rep"),
    _("One rep: sales of own accounts, deals, quotes and customers to call."),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "rep_figures",
                    (
                        m.REVENUE.named("revenue", target=""),
                        m.ORDERS.named("orders", target=""),
                        m.AOV.named("aov", target=""),
                        m.MARGIN_RATE.named("gross_margin_rate", target=""),
                        m.QUOTA,
                        m.WON_DEALS,
                        m.WIN_RATE.named("win_rate", target=""),
                        m.PIPELINE,
                        m.QUOTES,
                        m.QUOTE_TO_ORDER.named("quote_to_order_rate", target=""),
                    ),
                ),
            ),
        ),
        Section(
            _("Sales"),
            (
                Chart("rep_trend", "trend", (m.REVENUE.named("rep_trend", target=""),), wide=True),
                Chart(
                    "rep_structure",
                    "bars",
                    (m.REVENUE.named("rep_structure", target=""),),
                    choices=STRUCTURE[:4],
                    by="channel",
                    say="top",
                ),
                Chart("rep_stages", "grouped", (m.STAGE_AMOUNT, m.STAGE_WEIGHTED), by="stage", say="top"),
            ),
        ),
        Section(_("Customers to call"), (OVERDUE,)),
        Section(_("Deals to act on"), (CLOSING_DEALS,)),
        Section(_("Open quotes"), QUOTES.sections[2].widgets),
        Section(_("Invoices to chase"), (OPEN_INVOICES,)),
        Section(_("All accounts"), (ALL_ACCOUNTS,)),
    ),
    filters=("segment", "country", "catalog"),
    pin="rep",
)

CATALOG_PAGE = Page(
    "catalog",
    _("Catalog"),
    _("One catalog: what it sells, at which margin, to whom."),
    (
        Section(
            _("Key figures"),
            (
                Tiles(
                    "one_catalog_figures",
                    (
                        m.REVENUE.named("revenue", target=""),
                        m.ORDERS.named("orders", target=""),
                        m.AOV.named("aov", target=""),
                        m.MARGIN_RATE.named("gross_margin_rate", target=""),
                        m.DISCOUNT_RATE,
                        m.RETURNS_RATE,
                        m.SKU_COVERAGE,
                        m.ACTIVE_ACCOUNT_RATE,
                        m.QUOTES,
                        m.QUOTE_TO_ORDER.named("quote_to_order_rate", target=""),
                    ),
                ),
            ),
        ),
        Section(
            _("Sales"),
            (
                Chart("catalog_sales", "trend", (m.REVENUE.named("catalog_sales", target=""),), wide=True),
                Chart("catalog_categories", "bars", (m.CATEGORY_REVENUE,), by="category", say="top"),
                Chart("catalog_category_margin", "bars", (m.CATEGORY_MARGIN,), by="category", say="ends"),
                Chart(
                    "catalog_structure",
                    "bars",
                    (m.REVENUE.named("catalog_structure", target=""),),
                    choices=tuple(choice for choice in STRUCTURE if choice[0] != "catalog"),
                    by="channel",
                    say="top",
                ),
            ),
        ),
        Section(_("Price cuts"), (CATALOGS.sections[3].widgets[0],)),
        Section(_("Open quotes"), QUOTES.sections[2].widgets),
    ),
    filters=("segment", "country", "rep"),
    pin="catalog",
)

BOARDS = (OVERVIEW, CUSTOMERS, CATALOGS, QUOTES, SALES, WEB, MARKETING, ORDERS, OPERATIONS, SERVICE)
DRILLS = (REP_PAGE, CATALOG_PAGE)


@dataclass(frozen=True)
class Fact:
    """A value at the head of an account's or product's page."""

    field: str
    label: str
    unit: str = "text"
    metric: str = ""


@dataclass(frozen=True)
class KeyPage:
    """The page of one account or product, whose key is in the address.

    Attributes:
        name: file name without ending.
        title: English title.
        question: English line below it.
        name_field: column of the profile that holds the name.
        facts: values of the profile.
        parts: its lists, of drill.py.
        measures: columns of its months that are drawn.
        choose: the table to choose from.
    """

    name: str
    title: str
    question: str
    name_field: str
    facts: tuple[Fact, ...]
    parts: dict[str, Part]
    measures: tuple[m.Measure, ...]
    choose: TableOf


ACCOUNT_PAGE = KeyPage(
    "account",
    _("Account"),
    _("One customer: history, rhythm, quotes, people, open invoices."),
    "account_name",
    (
        Fact("net_sales_12m_amount", _("Net sales, 12 months"), "currency", "revenue_12m"),
        Fact("net_sales_amount", _("Net sales, all"), "currency", "clv_revenue"),
        Fact("margin_rate", _("Margin"), "rate", "gross_margin_rate"),
        Fact("orders", _("Orders"), "count", "orders"),
        Fact("average_order_amount", _("Average order"), "currency", "aov"),
        Fact("last_ordered_on", _("Last order"), "date"),
        Fact("days_since_last_order", _("Days since last order"), "days", "days_since_last_order"),
        Fact("usual_interval_days", _("Usual interval"), "days", "usual_order_interval_days"),
        Fact("expected_next_order_on", _("Next order expected"), "date"),
        Fact("overdue_ratio", _("Times its interval"), "ratio", "overdue_ratio"),
        Fact("cadence_state", _("Rhythm"), "code"),
        Fact("reason", _("Reason"), "reason"),
        Fact("open_invoices_amount", _("Open invoices"), "currency", "receivables_amount"),
        Fact("credit_limit_amount", _("Credit limit"), "currency"),
        Fact("credit_used_rate", _("Credit used"), "rate", "credit_use_rate"),
        Fact("open_deals_amount", _("Open deals"), "currency", "pipeline_amount"),
        Fact("users", _("Users"), "count", "users"),
        Fact("active_users", _("Active users"), "count", "active_users"),
        Fact("nps", _("NPS"), "score", "nps"),
        Fact("last_contacted_on", _("Last contact"), "date"),
        Fact("abc_class", _("ABC class"), "code", "class_a_customers"),
        Fact("rfm_score", _("RFM score"), "text", "rfm_customers"),
        Fact("company_size", _("Size of company"), "code"),
        Fact("industry", _("Industry")),
        Fact("country_code", _("Country"), "code"),
        Fact("owner_rep_name", _("Account owner")),
        Fact("acquisition_source", _("Came by"), "code"),
        Fact("parent_name", _("Belongs to")),
        Fact("first_ordered_on", _("First order"), "date"),
    ),
    ACCOUNT_PARTS,
    (m.REVENUE, m.ORDERS),
    ALL_ACCOUNTS,
)

PRODUCT_PAGE = KeyPage(
    "product",
    _("Product"),
    _("One product: sales, margin, price, stock, who buys it."),
    "product_name",
    (
        Fact("net_sales_amount", _("Net sales, 12 months"), "currency", "revenue"),
        Fact("units", _("Units"), "count", "units"),
        Fact("margin_rate", _("Margin"), "rate", "gross_margin_rate"),
        Fact("discount_rate", _("Discount"), "rate", "discount_rate"),
        Fact("return_rate", _("Return rate"), "rate", "product_return_rate"),
        Fact("accounts", _("Customers"), "count"),
        Fact("trend_rate", _("Trend"), "change_rate"),
        Fact("abc_class", _("ABC class"), "code", "class_a_items"),
        Fact("xyz_class", _("XYZ class"), "code"),
        Fact("list_price_amount", _("List price"), "currency"),
        Fact("price_index", _("Price against market"), "ratio", "competitor_price_index"),
        Fact("price_position", _("Position"), "code"),
        Fact("elasticity", _("Elasticity"), "ratio", "price_elasticity"),
        Fact("refusal_reason", _("No elasticity because"), "code"),
        Fact("stock_units", _("Units in stock"), "count"),
        Fact("stock_amount", _("In stock"), "currency", "stock_amount"),
        Fact("weeks_of_cover", _("Weeks of cover"), "ratio", "weeks_of_cover"),
        Fact("stock_reason", _("Reason"), "reason"),
        Fact("review_score", _("Reviews"), "score", "review_score"),
        Fact("days_since_last_sale", _("Days since last sale"), "days"),
        Fact("sku", _("SKU")),
        Fact("category", _("Category")),
        Fact("supplier_name", _("Supplier")),
        Fact("status", _("Status"), "code"),
    ),
    PRODUCT_PARTS,
    (m.REVENUE, m.UNITS),
    CATALOGS.sections[2].widgets[3],
)

KEY_PAGES = (ACCOUNT_PAGE, PRODUCT_PAGE)
