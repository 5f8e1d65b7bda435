"""The raw tables: which there are, their columns, and how values become text in an export."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from types import NoneType
from typing import Any

from warehouse.demo.timeline import CLOSING

Name = tuple[str, str]

# Every raw table by (system, table) with its columns in the order of the export.
COLUMNS: dict[Name, tuple[str, ...]] = {
    ("demo_crm", "accounts"): (
        "account_no", "name", "parent_account_no", "industry", "employees", "size", "country", "source", "owner_rep_no",
        "payment_terms", "credit_limit", "created", "is_test", "city", "vat_no", "website", "status",
    ),
    ("demo_crm", "account_versions"): ("account_no", "changed", "size", "industry", "owner_rep_no"),
    ("demo_crm", "contacts"): (
        "contact_no", "account_no", "full_name", "email", "job_title", "job_level", "buying_role", "age_band", "gender",
        "education", "marketing_consent", "shop_login", "created", "phone",
    ),
    ("demo_crm", "reps"): ("rep_no", "name", "manager", "team", "region", "hired", "email"),
    ("demo_crm", "quotas"): ("rep_no", "month", "quota", "currency"),
    ("demo_crm", "leads"): (
        "lead_no", "account_no", "contact_no", "source", "campaign_no", "created", "first_response", "status",
        "converted", "rep_no", "country",
    ),
    ("demo_crm", "opportunities"): (
        "deal_no", "account_no", "rep_no", "lead_no", "campaign_no", "sku", "stage", "amount", "currency", "created",
        "expected_close", "closed", "outcome", "lost_reason", "competitor", "deal_type",
    ),
    ("demo_crm", "stages"): ("deal_no", "stage", "entered"),
    ("demo_crm", "activities"): (
        "activity_no", "kind", "rep_no", "account_no", "contact_no", "deal_no", "occurred", "minutes", "direction",
    ),
    ("demo_crm", "agreements"): (
        "agreement_no", "account_no", "rep_no", "starts", "ends", "notice_days", "kind", "annual_volume", "currency",
        "payment_terms", "signed",
    ),
    ("demo_shop", "products"): (
        "sku", "name", "category", "kind", "supplier_no", "unit_cost", "list_price", "currency", "unit", "status",
        "launched",
    ),
    ("demo_shop", "suppliers"): ("supplier_no", "name", "country", "lead_days", "payment_terms", "since"),
    ("demo_shop", "catalogs"): ("catalog_code", "name", "target", "created"),
    ("demo_shop", "catalog_assignments"): ("catalog_code", "account_no", "valid_from", "valid_to"),
    ("demo_shop", "catalog_prices"): ("catalog_code", "sku", "price", "currency", "valid_from", "valid_to"),
    ("demo_shop", "orders"): (
        "order_no", "account_no", "contact_no", "guest_email", "rep_no", "quote_no", "catalog_code", "visitor_id",
        "channel", "order_type", "status", "placed", "cancelled", "currency", "order_discount", "shipping", "tax",
        "payment_method", "payment_terms", "is_test", "customer_po",
    ),
    ("demo_shop", "order_lines"): (
        "order_no", "line_no", "sku", "quantity", "list_unit_price", "unit_price", "discount", "unit_cost", "promised",
    ),
    ("demo_shop", "returns"): (
        "return_no", "order_no", "line_no", "returned", "quantity", "refund", "currency", "reason", "restocked",
        "account_no", "sku", "credit_note_no",
    ),
    ("demo_shop", "quotes"): (
        "quote_no", "account_no", "contact_no", "rep_no", "catalog_code", "deal_no", "requested", "first_response",
        "sent", "closed", "expires", "status", "currency", "base_value", "negotiated_value", "origin", "rounds",
        "order_no",
    ),
    ("demo_shop", "quote_events"): ("quote_no", "event_no", "state", "actor", "occurred", "offered"),
    ("demo_shop", "approvals"): (
        "approval_no", "order_no", "contact_no", "requested", "decided", "decision", "account_no",
        "requester_contact_no", "rule", "amount", "currency",
    ),
    ("demo_shop", "competitor_prices"): ("sku", "competitor", "seen", "price", "currency", "in_stock"),
    ("demo_web", "events"): (
        "event_id", "visitor_id", "contact_no", "occurred", "received", "event", "path", "page_kind", "source",
        "medium", "campaign", "keyword", "device", "country", "sku", "cart_id", "order_no", "engaged_ms", "load_ms",
        "user_agent", "referrer", "quote_no", "is_bot",
    ),
    ("demo_web", "experiments"): ("experiment", "variant", "unit_kind", "unit", "assigned"),
    ("demo_marketing", "campaigns"): (
        "campaign_no", "name", "channel", "starts", "ends", "source", "medium", "objective", "budget", "currency",
    ),
    ("demo_marketing", "ad_spend"): (
        "day", "campaign_no", "channel", "impressions", "clicks", "cost", "currency", "reported_conversions",
    ),
    ("demo_marketing", "emails"): (
        "event_no", "campaign_no", "contact_no", "event", "occurred", "machine", "message_no",
    ),
    ("demo_marketing", "search_results"): ("day", "keyword", "page", "impressions", "clicks", "position"),
    ("demo_erp", "exchange_rates"): ("rate_day", "currency", "rate"),
    ("demo_erp", "shipments"): (
        "shipment_no", "order_no", "line_no", "shipped", "delivered", "quantity", "consignment_no", "carrier",
    ),
    ("demo_erp", "invoices"): (
        "invoice_no", "order_no", "account_no", "issued", "due", "amount", "currency", "terms", "disputed",
    ),
    ("demo_erp", "payments"): ("payment_no", "invoice_no", "account_no", "paid", "amount", "currency", "method"),
    ("demo_erp", "inventory"): ("day", "sku", "location", "quantity", "value", "currency"),
    ("demo_erp", "receipts"): (
        "receipt_no", "supplier_no", "sku", "ordered", "promised", "received", "ordered_quantity", "received_quantity",
        "defective", "unit_cost", "currency",
    ),
    ("demo_erp", "targets"): ("metric", "month", "value"),
    ("demo_service", "tickets"): (
        "ticket_no", "account_no", "contact_no", "channel", "created", "first_response", "resolved", "order_no",
        "topic", "priority", "opened_by", "auto_reply", "sla_hours",
    ),
    ("demo_service", "surveys"): (
        "response_no", "survey", "account_no", "contact_no", "score", "sent", "answered", "ticket_no",
    ),
    ("demo_service", "reviews"): (
        "review_no", "sku", "account_no", "score", "reviewed", "contact_no", "order_no", "status",
    ),
}  # fmt: skip


@dataclass
class Table:
    """Rows of one raw table, every value as the text of the export and the empty string for null.

    Attributes:
        columns: column names.
        rows: one tuple a row, in the order of the columns.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, **values: object) -> None:
        """Adds a row; columns not given are empty.

        Raises:
            KeyError: a value has no column.
        """
        unknown = values.keys() - self.columns
        if unknown:
            raise KeyError(f"no column for {sorted(unknown)}")
        self.rows.append(tuple([text(values.get(column)) for column in self.columns]))

    def records(self) -> list[dict[str, str]]:
        """The rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


Tables = dict[Name, Table]


def empty_tables(names: Iterable[Name] = COLUMNS) -> Tables:
    """Tables without rows."""
    return {name: Table(COLUMNS[name]) for name in names}


def text(value: object) -> str:
    """A value as text.

    Raises:
        TypeError: a float, whose decimals only the caller knows (`money`, `decimals`).
    """
    write = _WRITERS.get(type(value))
    if write is None:
        raise TypeError(f"{value!r} has no agreed text")
    return write(value)


# By exact type: a truth value is also an int, and a moment also a date.
_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    str: lambda value: value,
    bool: lambda value: "yes" if value else "no",
    int: str,
    datetime: lambda value: value.isoformat(sep=" ", timespec="seconds"),
    date: lambda value: value.isoformat(),
}


def money(amount: float) -> str:
    """An amount with two decimals."""
    return f"{amount:.2f}"


def decimals(number: float, places: int) -> str:
    """A number with a fixed count of decimals."""
    return f"{number:.{places}f}"


def known(moment: datetime | date | None) -> datetime | date | None:
    """A moment, unless it lies after the day the exports were made: then nobody knows it yet."""
    if moment is None:
        return None
    limit = CLOSING if isinstance(moment, datetime) else CLOSING.date()
    return moment if moment <= limit else None
