"""A handful of rows that no warehouse can use, each with a key of its own (docs/demo_company.md)."""

from warehouse.demo.accounts import UNKNOWN
from warehouse.demo.tables import Tables

REPEATED_ORDER = "SO-100301"
BAD_QUANTITY_ORDER = "SO-100401"
NEGATIVE_PRICE_ORDER = "SO-100402"
REPEATED_LINE_ORDER = "SO-100403"


def add_dirty_rows(tables: Tables) -> None:
    """Adds the rows behind the sound ones of the first block."""
    _add_orders(tables)
    _add_lines(tables)
    tables["demo_crm", "opportunities"].add(
        **_row(tables, "demo_crm", "opportunities", "D3001")
        | {"deal_no": "D2901", "created": "2026-05-20 09:00:00", "closed": "2026-05-17 09:00:00", "outcome": "won",
           "stage": "closed won", "lost_reason": "", "competitor": ""}
    )  # fmt: skip
    tables["demo_erp", "payments"].add(
        payment_no="PAY-500001", invoice_no="INV-200001", account_no="A1900", paid="2026-02-11", amount="250.00",
        currency="PLN", method="transfer",
    )  # fmt: skip
    tables["demo_erp", "shipments"].add(
        shipment_no="SH-200001", order_no=REPEATED_LINE_ORDER, line_no=1, shipped="2026-02-11 10:00:00",
        delivered="2026-02-09 10:00:00", quantity=1, carrier="DPD",
    )  # fmt: skip
    tables["demo_service", "surveys"].add(
        response_no="SV-99001", survey="nps", account_no="A1900", contact_no="", score=11,
        sent="2026-02-16 10:00:00", answered="2026-02-16 12:00:00",
    )  # fmt: skip


def _add_orders(tables: Tables) -> None:
    template = _row(tables, "demo_shop", "orders", "SO-100201") | {
        "visitor_id": "", "channel": "email", "status": "completed", "cancelled": "", "quote_no": "", "is_test": "no",
        "order_type": "standard",
    }  # fmt: skip
    for number, changes in {
        "SO-99001": {"account_no": UNKNOWN, "contact_no": ""},
        "SO-99002": {"currency": "NOK"},
        "SO-99003": {"placed": "2202-05-06 10:00:00"},
        "SO-99004": {"placed": "yesterday"},
    }.items():
        tables["demo_shop", "orders"].add(**template | {"order_no": number} | changes)
        line = _row(tables, "demo_shop", "order_lines", "SO-100201")
        tables["demo_shop", "order_lines"].add(**line | {"order_no": number})
    repeated = _row(tables, "demo_shop", "orders", REPEATED_ORDER)
    channel = "phone" if repeated["channel"] != "phone" else "email"
    tables["demo_shop", "orders"].add(**repeated | {"channel": channel})


def _add_lines(tables: Tables) -> None:
    lines = tables["demo_shop", "order_lines"]
    lines.add(**_row(tables, "demo_shop", "order_lines", REPEATED_LINE_ORDER))
    bad = _row(tables, "demo_shop", "order_lines", BAD_QUANTITY_ORDER)
    lines.add(**bad | {"line_no": "91", "quantity": "abc"})
    negative = _row(tables, "demo_shop", "order_lines", NEGATIVE_PRICE_ORDER)
    lines.add(**negative | {"line_no": "92", "unit_price": "-5.00"})


def _row(tables: Tables, system: str, name: str, number: str) -> dict[str, str]:
    """The first row whose first column is a number."""
    table = tables[system, name]
    row = next(row for row in table.rows if row[0] == number)
    return dict(zip(table.columns, row, strict=True))
