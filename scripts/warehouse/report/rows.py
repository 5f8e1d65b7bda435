"""The rows behind the figures, by month: what a click on a number leads to."""

from dataclasses import dataclass

from warehouse.report.datasets import JOINS, account_filters, month_of
from warehouse.report.widgets import Column
from warehouse.report.words import _

# Of a month with more rows the largest are shown; the page says so, and how to get the rest.
MAX_MONTH_ROWS = 10_000

ACCOUNT = Column("account_name", _("Account"), link="account:account")


@dataclass(frozen=True)
class RowList:
    """Rows of a fact.

    Attributes:
        title: English title.
        sql: the rows with `month`, the columns of the filters and `account`.
        columns: what is shown.
        order: the largest first.
    """

    title: str
    sql: str
    columns: tuple[Column, ...]
    order: str


ROW_LISTS: dict[str, RowList] = {
    "orders": RowList(
        _("Orders"),
        f"""
        select {month_of("ordered_on")}, {account_filters(catalog="facts.catalog_id")}, facts.account_id as account,
            accounts.account_name, facts.order_id, facts.ordered_on, facts.order_channel, facts.status, facts.lines,
            facts.net_amount, facts.discount_amount
        from fct_orders as facts {JOINS} where facts.is_valid
        """,
        (
            Column("order_id", _("Order"), "key"), ACCOUNT,
            Column("ordered_on", _("Ordered"), "date"),
            Column("order_channel", _("Channel"), "code"),
            Column("status", _("Status"), "code"),
            Column("lines", _("Lines"), "count"),
            Column("discount_amount", _("Discount"), "currency"),
            Column("net_amount", _("Net value"), "currency"),
        ),
        "net_amount desc, order_id",
    ),
    "order_lines": RowList(
        _("Order lines"),
        f"""
        select {month_of("ordered_on")}, {account_filters(catalog="facts.catalog_id")}, facts.account_id as account,
            accounts.account_name, facts.order_line_id, facts.order_id, facts.product_id as product,
            products.product_name, products.category, facts.ordered_on, facts.quantity, facts.net_amount,
                facts.cost_amount
        from fct_order_lines as facts {JOINS}
        left join dim_product as products on facts.product_id = products.product_id
        where facts.is_valid
        """,
        (
            Column("order_id", _("Order"), "key"), ACCOUNT,
            Column("product_name", _("Product"), link="product:product"),
            Column("category", _("Category")),
            Column("ordered_on", _("Ordered"), "date"),
            Column("quantity", _("Quantity"), "count"),
            Column("net_amount", _("Net value"), "currency"),
            Column("cost_amount", _("Cost"), "currency"),
        ),
        "net_amount desc, order_line_id",
    ),
    "returns": RowList(
        _("Returns"),
        f"""
        select {month_of("returned_on")}, {account_filters(catalog="orders.catalog_id")}, facts.account_id as account,
            accounts.account_name, facts.return_id, facts.order_id, products.product_name, facts.product_id as product,
            facts.returned_on, facts.reason, facts.quantity, facts.refund_amount
        from fct_returns as facts {JOINS}
        left join fct_orders as orders on facts.order_id = orders.order_id
        left join dim_product as products on facts.product_id = products.product_id
        where facts.is_valid
        """,
        (
            Column("return_id", _("Return"), "key"), ACCOUNT,
            Column("order_id", _("Order"), "key"),
            Column("product_name", _("Product"), link="product:product"),
            Column("returned_on", _("Credited"), "date"),
            Column("reason", _("Reason"), "code"),
            Column("quantity", _("Quantity"), "count"),
            Column("refund_amount", _("Credit"), "currency"),
        ),
        "refund_amount desc, return_id",
    ),
    "quotes": RowList(
        _("Quotes"),
        f"""
        select {month_of("requested_on")}, {account_filters(rep="facts.rep_id", catalog="facts.catalog_id")},
            facts.account_id as account, accounts.account_name, facts.quote_id, facts.requested_on, facts.outcome,
            facts.rounds, facts.base_amount, facts.negotiated_amount, facts.negotiation_hours, facts.order_id
        from fct_quotes as facts {JOINS} where facts.is_valid
        """,
        (
            Column("quote_id", _("Quote"), "key"), ACCOUNT,
            Column("requested_on", _("Requested"), "date"),
            Column("outcome", _("Outcome"), "code"),
            Column("rounds", _("Rounds"), "count"),
            Column("base_amount", _("At list price"), "currency"),
            Column("negotiated_amount", _("Negotiated"), "currency"),
            Column("negotiation_hours", _("Duration"), "hours"),
            Column("order_id", _("Order"), "key"),
        ),
        "base_amount desc nulls last, quote_id",
    ),
    "deals": RowList(
        _("Closed deals"),
        f"""
        select {month_of("closed_on")}, {account_filters(rep="facts.rep_id")}, facts.account_id as account,
            accounts.account_name, facts.opportunity_id, facts.created_on, facts.closed_on, facts.outcome,
            facts.lost_reason, facts.amount
        from fct_opportunities as facts {JOINS} where facts.closed_on is not null
        """,
        (
            Column("opportunity_id", _("Deal"), "key"), ACCOUNT,
            Column("created_on", _("Opened"), "date"),
            Column("closed_on", _("Closed"), "date"),
            Column("outcome", _("Outcome"), "code"),
            Column("lost_reason", _("Lost because"), "code"),
            Column("amount", _("Amount"), "currency"),
        ),
        "amount desc nulls last, opportunity_id",
    ),
    "leads": RowList(
        _("Leads of new companies"),
        f"""
        select {month_of("facts.created_on")}, {account_filters()}, facts.account_id as account, accounts.account_name,
            facts.lead_id, facts.created_on, facts.source, facts.status, facts.is_converted, facts.first_ordered_on
        from fct_leads as facts {JOINS} where facts.is_valid and not facts.is_existing_customer
        """,
        (
            Column("lead_id", _("Lead"), "key"), ACCOUNT,
            Column("created_on", _("Created"), "date"),
            Column("source", _("Source"), "code"),
            Column("status", _("Status"), "code"),
            Column("is_converted", _("Converted"), "flag"),
            Column("first_ordered_on", _("First order"), "date"),
        ),
        "created_on desc, lead_id",
    ),
    "sessions": RowList(
        _("Sessions"),
        f"""
        select {month_of("started_on")}, {account_filters(country="facts.country_code", nobody="anonymous")},
            facts.account_id as account, accounts.account_name, facts.session_id, facts.started_on, facts.source,
            facts.medium, facts.device, facts.landing_page_url, facts.page_views, facts.engaged_seconds, facts.has_order
        from fct_sessions as facts {JOINS} where facts.is_valid
        """,
        (
            Column("started_on", _("Day"), "date"), ACCOUNT,
            Column("source", _("Source"), "code"),
            Column("medium", _("Medium"), "code"),
            Column("device", _("Device"), "code"),
            Column("landing_page_url", _("Landing page")),
            Column("page_views", _("Page views"), "count"),
            Column("engaged_seconds", _("Engaged"), "seconds"),
            Column("has_order", _("With order"), "flag"),
        ),
        "has_order desc, page_views desc, session_id",
    ),
    "carts": RowList(
        _("Carts"),
        f"""
        select {month_of("facts.created_on")}, {account_filters(nobody="anonymous")}, facts.account_id as account,
            accounts.account_name, facts.cart_key, facts.created_on, facts.outcome, facts.products, facts.has_checkout
        from fct_carts as facts {JOINS} where facts.is_valid
        """,
        (
            Column("cart_key", _("Cart"), "key"), ACCOUNT,
            Column("created_on", _("Created"), "date"),
            Column("outcome", _("Outcome"), "code"),
            Column("products", _("Products"), "count"),
            Column("has_checkout", _("Checkout begun"), "flag"),
        ),
        "created_on desc, cart_key",
    ),
    "surveys": RowList(
        _("Survey answers"),
        f"""
        select {month_of("responded_on")}, {account_filters()}, facts.account_id as account, accounts.account_name,
            facts.response_id, facts.survey_type, facts.score, facts.responded_on
        from fct_survey_responses as facts {JOINS} where facts.is_counted
        """,
        (
            Column("response_id", _("Answer"), "key"), ACCOUNT,
            Column("survey_type", _("Survey"), "code"),
            Column("score", _("Score"), "count"),
            Column("responded_on", _("Answered"), "date"),
        ),
        "responded_on desc, response_id",
    ),
    "deliveries": RowList(
        _("Order lines due"),
        f"""
        select {month_of("facts.promised_on")}, {account_filters(catalog="facts.catalog_id")},
            facts.account_id as account, accounts.account_name, facts.order_line_id, facts.order_id,
            products.product_name, facts.product_id as product, facts.promised_on, facts.quantity,
            sum(shipments.quantity) as shipped, max(shipments.delivered_on) as delivered_on
        from fct_order_lines as facts {JOINS}
        left join fct_shipments as shipments on facts.order_line_id = shipments.order_line_id
        left join dim_product as products on facts.product_id = products.product_id
        where facts.is_valid and facts.is_merchandise and facts.promised_on is not null
        group by all
        """,
        (
            Column("order_id", _("Order"), "key"), ACCOUNT,
            Column("product_name", _("Product"), link="product:product"),
            Column("promised_on", _("Promised"), "date"),
            Column("delivered_on", _("Delivered"), "date"),
            Column("quantity", _("Ordered"), "count"),
            Column("shipped", _("Shipped"), "count"),
        ),
        "promised_on desc, order_line_id",
    ),
    "invoices": RowList(
        _("Invoices"),
        f"""
        select {month_of("facts.due_on")}, {account_filters()}, facts.account_id as account, accounts.account_name,
            facts.invoice_id, facts.order_id, facts.issued_on, facts.due_on, facts.settled_on, facts.amount,
            facts.open_amount
        from fct_invoices as facts {JOINS} where facts.is_valid and not facts.is_credit_note
        """,
        (
            Column("invoice_id", _("Invoice"), "key"), ACCOUNT,
            Column("order_id", _("Order"), "key"),
            Column("issued_on", _("Issued"), "date"),
            Column("due_on", _("Due"), "date"),
            Column("settled_on", _("Settled"), "date"),
            Column("amount", _("Amount"), "currency"),
            Column("open_amount", _("Open"), "currency"),
        ),
        "amount desc, invoice_id",
    ),
    "inquiries": RowList(
        _("Inquiries"),
        f"""
        select {month_of("facts.created_on")}, {account_filters()}, facts.account_id as account, accounts.account_name,
            facts.inquiry_id, facts.channel, facts.topic, facts.priority, facts.created_on, facts.response_hours,
            facts.resolution_hours
        from fct_inquiries as facts {JOINS} where facts.is_valid and not facts.is_opened_by_agent
        """,
        (
            Column("inquiry_id", _("Inquiry"), "key"), ACCOUNT,
            Column("created_on", _("Created"), "date"),
            Column("channel", _("Channel"), "code"),
            Column("topic", _("Topic"), "code"),
            Column("priority", _("Priority"), "code"),
            Column("response_hours", _("Answered after"), "hours"),
            Column("resolution_hours", _("Solved after"), "hours"),
        ),
        "created_on desc, inquiry_id",
    ),
    "ad_spend": RowList(
        _("Advertising"),
        f"""
        select {month_of("facts.spent_on")}, facts.campaign_id as campaign, campaigns.campaign_name, facts.channel,
            sum(facts.impressions) as impressions, sum(facts.clicks) as clicks, sum(facts.cost_amount) as cost_amount
        from fct_ad_spend as facts left join dim_campaign as campaigns on facts.campaign_id = campaigns.campaign_id
        where facts.is_valid group by all
        """,
        (
            Column("campaign_name", _("Campaign")),
            Column("channel", _("Channel"), "code"),
            Column("impressions", _("Impressions"), "count"),
            Column("clicks", _("Clicks"), "count"),
            Column("cost_amount", _("Spend"), "currency"),
        ),
        "cost_amount desc nulls last, campaign, channel",
    ),
    "new_customers": RowList(
        _("New customers"),
        f"""
        select {month_of("facts.first_ordered_on")}, coalesce(facts.company_size, 'unknown') as segment,
            coalesce(facts.country_code, 'unknown') as country, coalesce(facts.owner_rep_id, 'unknown') as rep,
            facts.account_id as account, facts.account_name, facts.first_ordered_on, facts.acquisition_source
        from dim_account as facts where facts.is_customer
        """,
        (
            ACCOUNT,
            Column("first_ordered_on", _("First order"), "date"),
            Column("acquisition_source", _("Came by"), "code"),
            Column("segment", _("Size"), "code"),
            Column("country", _("Country"), "code"),
        ),
        "first_ordered_on desc, account",
    ),
    "lost_customers": RowList(
        _("Lost customers"),
        f"""
        select {month_of("facts.lost_on")}, facts.company_size as segment, facts.country_code as country,
            coalesce(facts.owner_rep_id, 'unknown') as rep, facts.account_id as account, facts.account_name,
            facts.last_ordered_on, facts.lost_on, facts.usual_interval_days
        from kpi_account_cadence as facts where facts.lost_on is not null
        """,
        (
            ACCOUNT,
            Column("last_ordered_on", _("Last order"), "date"),
            Column("lost_on", _("Lost on"), "date"),
            Column("usual_interval_days", _("Usual interval"), "days"),
            Column("segment", _("Size"), "code"),
            Column("country", _("Country"), "code"),
        ),
        "lost_on desc, account",
    ),
}  # fmt: skip
