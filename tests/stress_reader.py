"""Reads a publication in a loop until a file named `stop` appears: python stress_reader.py FOLDER KIND OUTPUT.

Each way of reading is one that BI tools and notebooks use. Every look is checked against itself: all tables are there
and are of the same load, and the orders add up to the total. What was seen goes to the output, a line a look; the first
error ends the process with a traceback.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

TABLES = {
    "dim_date", "dim_order", "fct_order_lines", "fct_orders", "kpi_totals", "metric_catalog", "publication_info",
    "reconciliation", "rejected_rows",
}  # fmt: skip
PAUSE_SECONDS = 0.5
HELD_LOOKS = 15

Look = tuple[int, int, int]


def looked_at(connection: duckdb.DuckDBPyConnection, table: Callable[[str], str] = str) -> Look:
    """Load, orders and amount, after every table was compared with the others."""
    ((load, orders, amount),) = connection.execute(f"select * from {table('kpi_totals')}").fetchall()
    checks = {
        f"select min(load_number), max(load_number), count(*), sum(amount) from {table('fct_orders')}": (
            load, load, orders, amount,
        ),
        f"select min(load_number), max(load_number), count(*), round(sum(amount)) from {table('fct_order_lines')}": (
            load, load, 20 * orders, amount,
        ),
        f"select count(*), min(fingerprint = md5(order_id || '|{load}')) from {table('dim_order')}": (orders, True),
        f"select raw_rows from {table('reconciliation')}": (orders,),
    }  # fmt: skip
    for query, expected in checks.items():
        found = connection.execute(query).fetchall()
        assert found == [expected], f"{query}: {found}, not {expected}"
    return int(load), int(orders), int(amount)


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}


def opened_anew(folder: Path) -> Iterator[Look]:
    """The fixed path, opened for each look."""
    while True:
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            assert tables_of(connection) == TABLES
            yield looked_at(connection)


def kept_open(folder: Path) -> Iterator[Look]:
    """The fixed path, kept open for many looks, which all have to see the same."""
    while True:
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            first = looked_at(connection)
            for _ in range(HELD_LOOKS):
                yield first
                assert looked_at(connection) == first


def attached(folder: Path) -> Iterator[Look]:
    """Attached to a notebook's own database."""
    while True:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{folder / 'warehouse.duckdb'}' as published (read_only)")
            yield looked_at(connection, lambda name: f"published.main.{name}")


def by_the_library(folder: Path) -> Iterator[Look]:
    """The project's own way, which the report site takes."""
    from warehouse.publication import open_publication
    from warehouse.workspace import open_workspace

    while True:
        with open_publication(open_workspace(folder.name)) as connection:
            assert tables_of(connection) == TABLES
            yield looked_at(connection)


def parquet_of_one_publication(folder: Path) -> Iterator[Look]:
    """The Parquet files, through the link once, so that all are of one publication, and compared with its manifest."""
    with duckdb.connect() as connection:
        while True:
            current = (folder / "current").resolve()
            manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
            assert set(manifest["tables"]) == TABLES
            assert all(check["passed"] for check in manifest["checks"])
            for table in [*manifest["tables"].values(), manifest["database"]]:
                assert hashlib.sha256((current / table["file"]).read_bytes()).hexdigest() == table["sha256"]
            yield looked_at(connection, lambda name, folder=current: f"'{folder}/parquet/{name}.parquet'")


def parquet_at_the_fixed_path(folder: Path) -> Iterator[Look]:
    """One Parquet file a query, by its fixed path: each is whole."""
    query = "select min(load_number), max(load_number), count(*), sum(amount) from '{}/parquet/fct_orders.parquet'"
    with duckdb.connect() as connection:
        while True:
            ((load, latest, orders, amount),) = connection.execute(query.format(folder)).fetchall()
            assert load == latest
            yield int(load), int(orders), int(amount)


def parquet_by_pattern(folder: Path) -> Iterator[Look]:
    """A pattern at the fixed path."""
    with duckdb.connect() as connection:
        while True:
            files = connection.execute("select file from glob(?)", [f"{folder}/parquet/*.parquet"]).fetchall()
            assert {Path(file).stem for (file,) in files} == TABLES
            query = f"select load_number, orders, amount from read_parquet('{folder}/parquet/kpi_*.parquet')"
            ((load, orders, amount),) = connection.execute(query).fetchall()
            yield int(load), int(orders), int(amount)


def by_the_command_line(folder: Path) -> Iterator[Look]:
    """`warehouse sql`."""
    query = "select load_number, orders, amount, (select count(*) from fct_orders) as counted from kpi_totals"
    warehouse = Path(sys.executable).with_name("warehouse")
    while True:
        command = [warehouse, "sql", "--workspace", folder.name, "--format", "json", query]
        ((seen),) = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        assert seen["counted"] == seen["orders"]
        yield int(seen["load_number"]), int(seen["orders"]), int(seen["amount"])
        time.sleep(2)  # it costs a second to start


KINDS = (
    opened_anew, kept_open, attached, by_the_library, parquet_of_one_publication, parquet_at_the_fixed_path,
    parquet_by_pattern, by_the_command_line,
)  # fmt: skip


if __name__ == "__main__":
    workspace_folder, kind, output = Path(sys.argv[1]), KINDS[int(sys.argv[2])], Path(sys.argv[3])
    with output.open("w", encoding="utf-8") as seen_file:
        for look in kind(workspace_folder):
            print(json.dumps(look), file=seen_file, flush=True)
            if (output.parent / "stop").exists():
                break
            time.sleep(PAUSE_SECONDS)
