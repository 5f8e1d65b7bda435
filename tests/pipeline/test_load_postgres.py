"""Tables of a PostgreSQL server are loaded: incrementally, exactly, and whatever happens to their schema."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from scratch import rows_of
from servers import PASSWORD, Server, postgres
from warehouse.errors import WarehouseError
from warehouse.load.batches import Batch
from warehouse.load.databases import Extract, prepared_table
from warehouse.project import raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

ORDERS = """
    create table sales.orders (
        order_id bigint primary key, account_id text, ordered_at timestamptz not null, tax_amount numeric(30, 10),
        shipping_amount numeric(12, 2), is_test boolean, note text
    )
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as server:
        yield server


@pytest.fixture(autouse=True)
def shop(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    server.run(
        "drop schema if exists sales cascade",
        "create schema sales",
        ORDERS,
        "insert into sales.orders values"
        " (9, 'A1', '2025-01-03 10:00:00+01', 12345678901234567890.0000000001, 5, true, ''),"
        " (10, 'A2', '2025-01-04 11:00:00+01', null, 0.5, false, 'two\nlines, \"quoted\"'),"
        " (2, 'A3', '2025-01-05 12:00:00+01', 'NaN', null, null, null)",
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = WorkspaceSettings(
        systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="Europe/Berlin"
    )
    return Workspace("test", settings, tmp_path / "data")


def address(server: Server) -> str:
    return server.address.replace("shop@", "shop:${SHOP_PASSWORD}@")


def load(
    workspace: Workspace, server: Server, cursor: str | None = "order_id", name: str = "sales.orders", **renames: str
) -> Batch | None:
    table = raw_tables("flat_file")["orders"]
    with prepared_table(workspace, table, Extract(address(server), name, cursor), renames) as batch:
        if batch:
            batch.land()
    return batch


def landed(workspace: Workspace, columns: str) -> list[tuple]:
    files = workspace.raw_lake / "flat_file" / "orders" / "*.parquet"
    return rows_of(
        f"select {columns} from read_parquet('{files}', union_by_name = true)"
        " order by _loaded_at, cast(order_id as bigint)"
    )


def test_values_are_landed_as_the_database_writes_them(workspace: Workspace, server: Server) -> None:
    batch = load(workspace, server)
    assert batch.rows == 3 and batch.is_new
    assert landed(workspace, "order_id, ordered_at, tax_amount, shipping_amount, is_test, note") == [
        ("2", "2025-01-05 11:00:00+00", "NaN", None, None, None),
        ("9", "2025-01-03 09:00:00+00", "12345678901234567890.0000000001", "5.00", "true", ""),
        ("10", "2025-01-04 10:00:00+00", None, "0.50", "false", 'two\nlines, "quoted"'),
    ]
    ((file,),) = set(map(tuple, landed(workspace, "_source_file")))
    assert file == f"postgresql://127.0.0.1:{server.url.port}/shop/sales.orders"
    (misfit,) = batch.report.misfits
    assert (misfit.column, misfit.rows, misfit.example) == ("tax_amount", 2, "NaN")


def test_two_loads_with_a_changed_schema_between_them(server: Server, tmp_path: Path) -> None:
    warehouse = CommandLine(tmp_path, "example")
    command = ["load", "flat_file", address(server), "--table", "orders", "--from", "sales.orders"]
    command += ["--cursor", "order_id"]
    assert "Loaded 3 rows" in warehouse.succeed(*command)
    assert "no rows past the highest order_id landed: nothing to load" in warehouse.succeed(*command)

    server.run(
        "alter table sales.orders add column currency_code text",
        "alter table sales.orders drop column note",
        "alter table sales.orders alter column shipping_amount type text",
        "insert into sales.orders values (11, 'A1', '2025-02-01 10:00:00+01', 1, 'free', false, 'EUR')",
    )
    verdict = warehouse.succeed(*command, "--dry-run")
    output = warehouse.succeed(*command)
    for said in (
        "│ currency_code │ new since the load before",
        "│ note │ was in the load before and is gone",
        "was NUMERIC(12, 2) in the load before and is TEXT now",
        "100 % of the rows: not a decimal(18,4); first in row 1: 'free'",
    ):  # fmt: skip
        assert said in " ".join(output.split()) and said in " ".join(verdict.split())
    assert "nothing was loaded" in verdict and "Loaded 1 rows" in output

    files = tmp_path / "example" / "raw" / "flat_file" / "orders" / "*.parquet"
    rows = rows_of(
        f"select order_id, shipping_amount, note, currency_code from read_parquet('{files}', union_by_name = true)"
        " order by cast(order_id as bigint)"
    )
    assert rows == [
        ("2", None, None, None),
        ("9", "5.00", "", None),
        ("10", "0.50", 'two\nlines, "quoted"', None),
        ("11", "free", None, "EUR"),
    ]
    assert PASSWORD not in output + verdict
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes()


def test_a_required_column_that_was_dropped_lands_nothing(workspace: Workspace, server: Server) -> None:
    load(workspace, server)
    server.run("alter table sales.orders rename column ordered_at to order_date")
    with pytest.raises(WarehouseError, match="--rename 'order_date=ordered_at'"):
        load(workspace, server)
    assert len(landed(workspace, "order_id")) == 3
    server.run("insert into sales.orders values (11, 'A1', '2025-02-01 10:00:00+01')")
    assert load(workspace, server, order_date="ordered_at").rows == 1
    assert landed(workspace, "order_id, ordered_at")[-1] == ("11", "2025-02-01 09:00:00+00")


def test_rows_at_the_highest_value_are_not_missed_and_not_doubled(workspace: Workspace, server: Server) -> None:
    server.run(
        "alter table sales.orders add column changed_at timestamp",
        "update sales.orders set changed_at = '2025-03-01 10:00:00.123456' where order_id > 2",
    )
    assert load(workspace, server, "changed_at").rows == 3
    # of the same moment as the last one landed, of none, and older than it
    server.run(
        "insert into sales.orders (order_id, ordered_at, changed_at) values"
        " (20, '2025-02-01', '2025-03-01 10:00:00.123456'), (21, '2025-02-01', null), (22, '2025-02-01', '2025-02-28')",
    )
    assert load(workspace, server, "changed_at").rows == 2
    assert {row[0] for row in landed(workspace, "order_id")} == {"2", "9", "10", "20", "21"}
    assert load(workspace, server, "changed_at") is None
    server.run("update sales.orders set changed_at = '2025-03-02' where order_id = 9")
    assert load(workspace, server, "changed_at").rows == 1


def test_without_a_cursor_the_same_content_is_one_batch(workspace: Workspace, server: Server) -> None:
    first = load(workspace, server, None)
    # the order of the rows on disk is another one now
    server.run("update sales.orders set note = note where order_id = 9")
    again = load(workspace, server, None)
    assert again.path == first.path and again.status == "known"
    server.run("update sales.orders set note = 'changed' where order_id = 9")
    assert load(workspace, server, None).is_new
    assert len(landed(workspace, "order_id")) == 6


def test_names_are_names_and_nothing_else(workspace: Workspace, server: Server) -> None:
    evil = 'x"; drop table sales.orders; --'
    quoted = evil.replace('"', '""')
    server.run(
        f'create table sales."{quoted}" (order_id text, ordered_at text, "{quoted}" integer)',
        f"insert into sales.\"{quoted}\" values ('1', '2025-01-03', 7)",
    )
    assert load(workspace, server, evil, f"sales.{evil}").rows == 1
    assert load(workspace, server, evil, f"sales.{evil}") is None
    assert landed(workspace, f'"{quoted}"') == [("7",)]
    for name in ("sales.orders; drop table sales.orders", "sales.orders where 1=1", "orders"):
        with pytest.raises(WarehouseError, match="has no table"):
            load(workspace, server, None, name)
    with pytest.raises(WarehouseError, match="to take as cursor; did you mean 'order_id'"):
        load(workspace, server, "order_id or 1=1")
    assert load(workspace, server).rows == 3


def test_a_near_name_and_a_wrong_password_are_told(
    workspace: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WarehouseError, match=r"did you mean 'sales\.orders'"):
        load(workspace, server, None, "sales.order")
    monkeypatch.setenv("SHOP_PASSWORD", "wrong-one")
    with pytest.raises(WarehouseError, match="password authentication failed") as error:
        load(workspace, server)
    assert "wrong-one" not in str(error.value)


def test_a_table_of_many_rows_is_streamed(workspace: Workspace, server: Server) -> None:
    server.run(
        "insert into sales.orders (order_id, ordered_at)"
        " select n, timestamptz '2025-01-01' + n * interval '1 minute' from generate_series(1000, 50999) as n"
    )
    assert load(workspace, server).rows == 50003
    assert rows_of(f"select count(distinct order_id) from '{workspace.raw_lake}/flat_file/orders/*.parquet'") == [
        (50003,)
    ]
