"""Tables of a MariaDB server are loaded like those of PostgreSQL; what MySQL writes its own way is told here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scratch import rows_of
from servers import PASSWORD, Server, mariadb
from warehouse.load.batches import Batch
from warehouse.load.databases import Extract, prepared_table
from warehouse.project import raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with mariadb() as server:
        yield server


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = WorkspaceSettings(
        systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="Europe/Berlin"
    )
    return Workspace("test", settings, tmp_path / "data")


def load(workspace: Workspace, server: Server, cursor: str) -> Batch | None:
    extract = Extract(server.address, "orders", cursor)
    with prepared_table(workspace, raw_tables("flat_file")["orders"], extract, {}) as batch:
        if batch:
            batch.land()
    return batch


def test_incremental_loads_with_a_changed_schema_between_them(
    workspace: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # no password in the address: it comes from the environment
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)
    server.run(
        "create table orders (order_id bigint unsigned, ordered_at datetime(6), cancelled_at timestamp(3) null,"
        ' tax_amount decimal(38, 10), is_test boolean, `no"te; --` varchar(20) character set utf8mb4, picture blob)',
        "set time_zone = '+00:00'",
        "insert into orders values"
        " (18446744073709551615, '2025-01-03 10:00:00.123456', null, 0.1, true, 'Łódź ✓', 'ab')",
    )
    assert load(workspace, server, "ordered_at").rows == 1
    assert load(workspace, server, "ordered_at") is None

    server.run("alter table orders drop column picture, add column currency_code char(3)")
    server.run(
        "insert into orders values"
        " (7, '2025-01-03 10:00:00.123456', null, 12345678901234567890.0000000001, false, '', 'EUR'),"
        " (8, '2025-01-03 10:00:00.123457', null, null, null, null, null),"
        " (9, '2025-01-03 10:00:00.123455', null, null, null, null, null)"
    )
    # 7 bears the highest moment landed, 9 is older
    batch = load(workspace, server, "ordered_at")
    assert batch.rows == 2
    assert ("picture", "was in the load before and is gone") in batch.report.changes
    files = workspace.raw_lake / "flat_file" / "orders" / "*.parquet"
    assert rows_of(
        'select order_id, ordered_at, tax_amount, is_test, "no""te; --", picture, currency_code'
        f" from read_parquet('{files}', union_by_name = true) order by _loaded_at, _row_number"
    ) == [
        ("18446744073709551615", "2025-01-03 10:00:00.123456", "0.1000000000", "1", "Łódź ✓", "6162", None),
        ("7", "2025-01-03 10:00:00.123456", "12345678901234567890.0000000001", "0", "", None, "EUR"),
        ("8", "2025-01-03 10:00:00.123457", None, None, None, None, None),
    ]


def test_a_moment_is_landed_in_utc_with_its_offset(
    workspace: Workspace, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYSQL_PWD", PASSWORD)
    server.run(
        "drop table if exists orders",
        "create table orders (order_id int, ordered_at timestamp(3) not null)",
        # whatever the zone of who wrote it
        "set statement time_zone = '+05:00' for insert into orders values (1, '2025-01-03 15:00:00.5')",
    )
    assert load(workspace, server, "ordered_at").rows == 1
    assert load(workspace, server, "ordered_at") is None
    server.run("insert into orders values (2, from_unixtime(1735898400.5))")  # 2025-01-03 10:00:00.5 UTC
    assert load(workspace, server, "ordered_at").rows == 1
    files = workspace.raw_lake / "flat_file" / "orders" / "*.parquet"
    rows = rows_of(f"select order_id, ordered_at from '{files}' order by 1")
    assert rows == [("1", "2025-01-03 10:00:00.500+00:00"), ("2", "2025-01-03 10:00:00.500+00:00")]
