"""Accounts and products one by one: their history in files of a few hundred each, found by a hash of the key."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import duckdb

from warehouse.report.tables import rows_of
from warehouse.report.widgets import Column
from warehouse.report.words import _

KEYS_A_FILE = 100
MAX_ROWS = 100  # of one list of one account or product: the latest
MAX_KEYS = 20_000  # accounts and products that have a page: those with the most sales


@dataclass(frozen=True)
class Part:
    """One list on the page of an account or product.

    Attributes:
        title: English heading.
        sql: rows with the column `key`, the latest first by `order`.
        columns: what is shown; none for a list that a chart or the head of the page shows.
    """

    title: str
    sql: str
    order: str
    columns: tuple[Column, ...] = ()


ACCOUNT_PARTS: dict[str, Part] = {
    "profile": Part(
        "",
        """
        select profile.account_id as key, profile.*, reps.team, cadence.cadence_state, cadence.reason,
            value.abc_class, value.rfm_score, value.clv_margin_amount, parents.account_name as parent_name
        from kpi_account_profile as profile
        left join kpi_account_cadence as cadence on profile.account_id = cadence.account_id
        left join kpi_account_value as value on profile.account_id = value.account_id
        left join dim_sales_rep as reps on profile.owner_rep_id = reps.rep_id
        left join dim_account as parents on profile.parent_account_id = parents.account_id
        """,
        "net_sales_amount desc nulls last, key",
    ),
    "months": Part(
        "",
        """
        select key, month, sum(sales) as sales, sum(returns) as returns, sum(orders) as orders from (
            select account_id as key, strftime(ordered_on, '%Y-%m') as month, net_amount as sales, 0 as returns,
                1 as orders
            from fct_orders where is_valid
            union all
            select account_id, strftime(returned_on, '%Y-%m'), 0, refund_amount, 0
            from fct_returns where is_valid and account_id is not null
        ) group by key, month
        """,
        "month desc",
    ),
    "orders": Part(
        _("Orders"),
        """
        select account_id as key, order_id, ordered_on, order_channel, status, lines, net_amount, discount_amount,
            is_valid, exclusion_reason
        from fct_orders where account_id is not null
        """,
        "ordered_on desc, order_id",
        (
            Column("order_id", _("Order"), "key"),
            Column("ordered_on", _("Ordered"), "date"),
            Column("order_channel", _("Channel"), "code"),
            Column("status", _("Status"), "code"),
            Column("lines", _("Lines"), "count"),
            Column("discount_amount", _("Discount"), "currency"),
            Column("net_amount", _("Net value"), "currency"),
            Column("exclusion_reason", _("Does not count"), "code"),
        ),
    ),
    "quotes": Part(
        _("Quotes"),
        """
        select account_id as key, quote_id, requested_on, outcome, rounds, base_amount, negotiated_amount,
            negotiation_hours
        from fct_quotes where account_id is not null
        """,
        "requested_on desc, quote_id",
        (
            Column("quote_id", _("Quote"), "key"),
            Column("requested_on", _("Requested"), "date"),
            Column("outcome", _("Outcome"), "code"),
            Column("rounds", _("Rounds"), "count"),
            Column("base_amount", _("At list price"), "currency"),
            Column("negotiated_amount", _("Negotiated"), "currency"),
            Column("negotiation_hours", _("Duration"), "hours"),
        ),
    ),
    "deals": Part(
        _("Deals"),
        """
        select account_id as key, opportunity_id, stage, outcome, amount, created_on, expected_close_on, closed_on
        from fct_opportunities where account_id is not null
        """,
        "created_on desc, opportunity_id",
        (
            Column("opportunity_id", _("Deal"), "key"),
            Column("stage", _("Stage"), "code"),
            Column("outcome", _("Outcome"), "code"),
            Column("amount", _("Amount"), "currency"),
            Column("created_on", _("Opened"), "date"),
            Column("expected_close_on", _("Expected"), "date"),
            Column("closed_on", _("Closed"), "date"),
        ),
    ),
    "people": Part(
        _("People"),
        """
        select contacts.account_id as key, contacts.contact_id, contacts.job_title, contacts.job_level,
            contacts.buying_role, contacts.has_shop_login, contacts.has_marketing_consent, visits.sessions,
            visits.last_visit_on
        from dim_contact as contacts
        left join (
            select contact_id, count(*) as sessions, max(started_on) as last_visit_on
            from fct_sessions where is_valid and contact_id is not null group by contact_id
        ) as visits on contacts.contact_id = visits.contact_id
        where contacts.account_id is not null and not contacts.is_test
        """,
        "contact_id",
        (
            Column("contact_id", _("Person"), "key"),
            Column("job_title", _("Job")),
            Column("buying_role", _("Role in buying"), "code"),
            Column("has_shop_login", _("Shop login"), "flag"),
            Column("sessions", _("Sessions"), "count"),
            Column("last_visit_on", _("Last visit"), "date"),
        ),
    ),
    "invoices": Part(
        _("Open invoices"),
        """
        select account_id as key, invoice_id, order_id, issued_on, due_on, amount, open_amount, aging_bucket,
            is_disputed
        from fct_invoices
        where account_id is not null and is_valid and not is_credit_note and open_amount > 0
        """,
        "due_on, invoice_id",
        (
            Column("invoice_id", _("Invoice"), "key"),
            Column("order_id", _("Order"), "key"),
            Column("issued_on", _("Issued"), "date"),
            Column("due_on", _("Due"), "date"),
            Column("amount", _("Amount"), "currency"),
            Column("open_amount", _("Open"), "currency"),
            Column("aging_bucket", _("Past due"), "code"),
            Column("is_disputed", _("Disputed"), "flag"),
        ),
    ),
    "inquiries": Part(
        _("Inquiries"),
        """
        select account_id as key, inquiry_id, created_on, channel, topic, priority, response_hours, resolution_hours
        from fct_inquiries where account_id is not null and is_valid
        """,
        "created_on desc, inquiry_id",
        (
            Column("inquiry_id", _("Inquiry"), "key"),
            Column("created_on", _("Created"), "date"),
            Column("channel", _("Channel"), "code"),
            Column("topic", _("Topic"), "code"),
            Column("priority", _("Priority"), "code"),
            Column("response_hours", _("Answered after"), "hours"),
            Column("resolution_hours", _("Solved after"), "hours"),
        ),
    ),
    "activities": Part(
        _("Contacts by the sales team"),
        """
        select activities.account_id as key, activities.activity_id, activities.occurred_on, activities.activity_type,
            activities.direction, activities.duration_minutes, reps.rep_name, activities.rep_id as rep
        from fct_activities as activities left join dim_sales_rep as reps on activities.rep_id = reps.rep_id
        where activities.account_id is not null and activities.is_valid
        """,
        "occurred_on desc, activity_id",
        (
            Column("occurred_on", _("Day"), "date"),
            Column("activity_type", _("Kind"), "code"),
            Column("direction", _("Direction"), "code"),
            Column("duration_minutes", _("Minutes"), "count"),
            Column("rep_name", _("Rep"), link="rep:rep"),
        ),
    ),
    "products": Part(
        _("Products bought"),
        """
        select lines.account_id as key, lines.product_id as product, any_value(products.product_name) as product_name,
            any_value(products.category) as category, sum(lines.quantity) as units, sum(lines.net_amount) as net_amount,
            count(distinct lines.order_id) as orders, max(lines.ordered_on) as last_ordered_on
        from fct_order_lines as lines left join dim_product as products on lines.product_id = products.product_id
        where lines.is_valid and lines.is_merchandise and lines.account_id is not null
        group by 1, 2
        """,
        "net_amount desc, product",
        (
            Column("product_name", _("Product"), link="product:product"),
            Column("category", _("Category")),
            Column("orders", _("Orders"), "count"),
            Column("units", _("Units"), "count"),
            Column("net_amount", _("Net value"), "currency"),
            Column("last_ordered_on", _("Last order"), "date"),
        ),
    ),
}

PRODUCT_PARTS: dict[str, Part] = {
    "profile": Part(
        "",
        """
        select products.product_id as key, products.product_name, products.sku, products.category, products.status,
            products.product_type, products.unit_of_measure, performance.* exclude
            (product_id, product_name, sku, category, status), price.elasticity, price.elasticity_low,
            price.elasticity_high, price.refusal_reason, price.price_response, price.price_index, price.price_position,
            price.list_price_amount, price.competitor_median_price_amount, stock.stock_units, stock.stock_amount,
            stock.weeks_of_cover, stock.reason as stock_reason, suppliers.supplier_name
        from dim_product as products
        left join kpi_product_performance as performance on products.product_id = performance.product_id
        left join kpi_product_price_position as price on products.product_id = price.product_id
        left join kpi_inventory_items as stock on products.product_id = stock.product_id
        left join kpi_supplier as suppliers on products.supplier_id = suppliers.supplier_id
        """,
        "net_sales_amount desc nulls last, key",
    ),
    "months": Part(
        "",
        """
        select key, month, sum(sales) as sales, sum(returns) as returns, sum(units) as units from (
            select product_id as key, strftime(ordered_on, '%Y-%m') as month, net_amount as sales, 0 as returns,
                quantity as units
            from fct_order_lines where is_valid and product_id is not null
            union all
            select product_id, strftime(returned_on, '%Y-%m'), 0, refund_amount, 0
            from fct_returns where is_valid and product_id is not null
        ) group by key, month
        """,
        "month desc",
    ),
    "accounts": Part(
        _("Customers who buy it"),
        """
        select lines.product_id as key, lines.account_id as account, any_value(accounts.account_name) as account_name,
            count(distinct lines.order_id) as orders, sum(lines.quantity) as units, sum(lines.net_amount) as net_amount,
            max(lines.ordered_on) as last_ordered_on
        from fct_order_lines as lines left join dim_account as accounts on lines.account_id = accounts.account_id
        where lines.is_valid and lines.product_id is not null and lines.account_id is not null
        group by 1, 2
        """,
        "net_amount desc, account",
        (
            Column("account_name", _("Account"), link="account:account"),
            Column("orders", _("Orders"), "count"),
            Column("units", _("Units"), "count"),
            Column("net_amount", _("Net value"), "currency"),
            Column("last_ordered_on", _("Last order"), "date"),
        ),
    ),
    "catalogs": Part(
        _("By catalog"),
        """
        select lines.product_id as key, lines.catalog_id as catalog, any_value(catalogs.catalog_name) as catalog_name,
            sum(lines.quantity) as units, sum(lines.net_amount) as net_amount, sum(lines.discount_amount) as discount,
            sum(lines.net_amount) / nullif(sum(lines.quantity), 0) as price
        from fct_order_lines as lines left join dim_catalog as catalogs on lines.catalog_id = catalogs.catalog_id
        where lines.is_valid and lines.product_id is not null and lines.catalog_id is not null
        group by 1, 2
        """,
        "net_amount desc, catalog",
        (
            Column("catalog_name", _("Catalog"), link="catalog:catalog"),
            Column("units", _("Units"), "count"),
            Column("net_amount", _("Net value"), "currency"),
            Column("discount", _("Discount"), "currency"),
            Column("price", _("Average price"), "currency"),
        ),
    ),
    "competitors": Part(
        _("Competitors' prices"),
        """
        select product_id as key, competitor_name, competitor_price_amount, list_price_amount, price_index, is_in_stock,
            observed_on
        from kpi_competitor_price where is_current
        """,
        "competitor_name",
        (
            Column("competitor_name", _("Competitor")),
            Column("competitor_price_amount", _("Their price"), "currency"),
            Column("list_price_amount", _("Our list price"), "currency"),
            Column("price_index", _("Price against market"), "ratio"),
            Column("is_in_stock", _("In stock"), "flag"),
            Column("observed_on", _("Seen on"), "date"),
        ),
    ),
    "affinity": Part(
        _("Bought together with"),
        """
        select product_id as key, other_product_id as other, other_product_name, pair_orders, confidence, lift
        from kpi_product_affinity where is_significant and is_reportable
        """,
        "lift desc, other",
        (
            Column("other_product_name", _("Product"), link="product:other"),
            Column("pair_orders", _("Orders with both"), "count"),
            Column("confidence", _("Share of its orders"), "rate"),
            Column("lift", _("Times as often as by chance"), "ratio"),
        ),
    ),
}


def file_of(key: str, files: int) -> int:
    """The file that holds a key; the page works it out by the same rule."""
    return crc32(key.encode()) % files


def shards(
    connection: duckdb.DuckDBPyConnection, parts: dict[str, Part]
) -> tuple[int, Iterator[tuple[int, dict[str, Any]]]]:
    """How many files there are, and each with its content: lists of rows by key and part."""
    profile = parts["profile"]
    keys = f"select key from ({profile.sql}) order by {profile.order} limit {MAX_KEYS}"
    count = connection.execute(f"select count(*) from ({keys})").fetchone()[0]
    files = max(1, -(-count // KEYS_A_FILE))

    def contents() -> Iterator[tuple[int, dict[str, Any]]]:
        shelves: dict[int, dict[str, Any]] = defaultdict(lambda: {"columns": {}, "keys": {}})
        for name, part in parts.items():
            table = rows_of(
                connection,
                f"select * from ({part.sql}) where key in ({keys})"
                f" qualify row_number() over (partition by key order by {part.order}) <= {MAX_ROWS}"
                f" order by key, {part.order}",
            )
            position = table.columns.index("key")
            columns = [column for column in table.columns if column != "key"]
            for row in table.rows:
                shelf = shelves[file_of(row[position], files)]
                shelf["columns"][name] = columns
                values = [value for i, value in enumerate(row) if i != position]
                shelf["keys"].setdefault(row[position], {}).setdefault(name, []).append(values)
        yield from sorted(shelves.items())

    return files, contents()
