"""Batches through dbt itself: a new file, a run that ended half way, a load that was taken back."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import CommandLine, write_csv

HEADER = ("event_id", "visitor_id", "occurred_at", "event_name", "contact_id", "cart_id", "source", "user_agent")
MODELS = ("+fct_web_events", "+fct_carts", "+fct_touchpoints")
TABLES = ("fct_web_events", "fct_sessions", "fct_carts", "fct_touchpoints")
BATCHES = (
    [
        ("1", "V1", "2025-03-01T10:00:00Z", "page_view", "", "", "", ""),
        ("2", "V1", "2025-03-01T10:20:00Z", "add_to_cart", "", "K1", "google", ""),
        ("3", "V2", "2025-03-01T10:00:00Z", "page_view", "", "", "", ""),
        ("4", "", "2025-03-01T10:00:00Z", "page_view", "", "", "", ""),
    ],
    # a log-in a day later says whose the session before was; an event that fills a gap; one that came before
    [
        ("5", "V1", "2025-03-02T10:00:00Z", "login", "C1", "", "", ""),
        ("6", "V1", "2025-03-01T10:45:00Z", "page_view", "", "", "", ""),
        ("3", "V2", "2025-03-01T10:00:00Z", "page_view", "", "", "", ""),
    ],
    # another event with a known id takes its place: the session that it began is no more
    [
        ("1", "V3", "2025-03-01T10:00:00Z", "page_view", "", "", "", ""),
        ("7", "V1", "2025-03-01T09:55:00Z", "purchase", "", "K1", "", ""),
        ("8", "V1", "2025-03-01T11:10:00Z", "page_view", "", "", "", ""),
    ],
    # days later, by somebody who had logged in before, and who orders; a robot alone in the last week
    [
        ("9", "V1", "2025-03-20T10:00:00Z", "page_view", "", "", "", ""),
        ("10", "V4", "2025-05-20T10:00:00Z", "page_view", "", "", "", "Googlebot"),
    ],
    # weeks later, while the order is cancelled: credited to what brought the visitor on the first day
    [("11", "V1", "2025-04-25T10:00:00Z", "page_view", "", "", "", "")],
    # a session later than it was said to be: its rows of the earlier day go
    [("3", "V2", "2025-03-05T12:00:00Z", "page_view", "", "", "", "")],
)

ORDERS = (
    "order_id", "account_id", "ordered_at", "visitor_id", "order_channel", "currency_code", "status", "cancelled_at",
)  # fmt: skip
ORDER = ("O1", "A1", "2025-03-20T10:10:00Z", "V1", "web_self_service", "EUR")
LINES = ("order_line_id", "order_id", "product_id", "quantity", "unit_price", "list_unit_price")


def is_batch(warehouse: CommandLine) -> bool:
    with duckdb.connect(str(warehouse.data / "example" / "working.duckdb"), read_only=True) as connection:
        return connection.execute("select is_batch from state.run").fetchone()[0]


def content(warehouse: CommandLine) -> dict[str, list]:
    with duckdb.connect(str(warehouse.data / "example" / "working.duckdb"), read_only=True) as connection:
        return {table: connection.execute(f"from marts.{table} order by all").fetchall() for table in TABLES}


def ordering_sessions(warehouse: CommandLine) -> list[dict[str, Any]]:
    with duckdb.connect(str(warehouse.data / "example" / "working.duckdb"), read_only=True) as connection:
        found = connection.execute("from marts.fct_sessions where has_order")
        return [dict(zip((column[0] for column in found.description), row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def warehouse(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", "example")


def load(warehouse: CommandLine, folder: Path, number: int) -> None:
    file = write_csv(folder / f"web_events_{number}.csv", HEADER, BATCHES[number])
    warehouse.succeed("load", "flat_file", str(file), "--table", "web_events")


def run(warehouse: CommandLine, *options: str) -> None:
    warehouse.succeed("dbt", "--", "--quiet", "run", *(options or ("--select", *MODELS)))


def test_batches_and_what_ends_them(warehouse: CommandLine, tmp_path: Path) -> None:
    contacts = write_csv(tmp_path / "contacts.csv", ("contact_id", "account_id"), [("C1", "A1")])
    accounts = write_csv(tmp_path / "accounts.csv", ("account_id", "account_name"), [("A1", "One")])
    orders = write_csv(tmp_path / "orders.csv", ORDERS, [(*ORDER, "completed", "")])
    lines = write_csv(tmp_path / "order_lines.csv", LINES, [("L1", "O1", "P1", "1", "10", "10")])
    warehouse.succeed("load", "flat_file", *map(str, (contacts, accounts, orders, lines)))
    load(warehouse, tmp_path, 0)
    run(warehouse)
    assert not is_batch(warehouse)
    assert len(content(warehouse)["fct_sessions"]) == 3

    load(warehouse, tmp_path, 1)
    run(warehouse)
    assert is_batch(warehouse)
    # 10:00 to 10:20 and 10:45 of V1 are one session, C1's by the log-in of the next day
    people = [row[2] for row in content(warehouse)["fct_sessions"]]
    assert people.count("flat_file:C1") == 2

    load(warehouse, tmp_path, 2)
    # a run that was killed after the first step, and one after some of the facts
    run(warehouse, "--select", "screened_web_events_read")
    run(warehouse, "--select", "+fct_sessions")
    run(warehouse)
    assert is_batch(warehouse)
    load(warehouse, tmp_path, 3)
    run(warehouse)
    assert is_batch(warehouse)
    assert [row["identified_by"] for row in ordering_sessions(warehouse)] == ["earlier_login"]

    write_csv(orders, ORDERS, [(*ORDER, "cancelled", "2025-03-21T10:00:00Z")])
    warehouse.succeed("load", "flat_file", str(orders))
    load(warehouse, tmp_path, 4)
    run(warehouse)
    assert is_batch(warehouse)
    assert ordering_sessions(warehouse) == []
    before = content(warehouse)
    load(warehouse, tmp_path, 5)
    run(warehouse)
    assert is_batch(warehouse)
    grown = content(warehouse)
    run(warehouse, "--full-refresh", "--select", *MODELS)
    assert not is_batch(warehouse)
    assert grown == content(warehouse)

    # a load that is taken back
    files = (warehouse.data / "example" / "raw" / "flat_file" / "web_events").glob("*.parquet")
    max(files, key=lambda file: file.stat().st_mtime_ns).unlink()
    run(warehouse)
    assert not is_batch(warehouse)
    assert content(warehouse) == before


def row_groups(warehouse: CommandLine) -> int:
    with duckdb.connect(str(warehouse.data / "example" / "working.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select count(distinct row_group_id) from pragma_storage_info('conformed.screened_web_events_read')"
        ).fetchone()[0]


def test_only_small_batches_are_merged_into_the_rows_before(warehouse: CommandLine, tmp_path: Path) -> None:
    def load_events(first: int, count: int) -> None:
        rows = [
            (str(number), f"V{number % 500}", "2025-03-01T10:00:00Z", "page_view", "", "", "", "")
            for number in range(first, first + count)
        ]
        file = write_csv(tmp_path / f"web_events_{first}.csv", HEADER, rows)
        warehouse.succeed("load", "flat_file", str(file), "--table", "web_events")
        run(warehouse)

    load_events(0, 20_000)
    assert not is_batch(warehouse) and row_groups(warehouse) == 1
    load_events(20_000, 20_000)
    assert is_batch(warehouse) and row_groups(warehouse) == 2
    load_events(40_000, 19_999)
    assert is_batch(warehouse) and row_groups(warehouse) == 1
