"""Loading: every file ends whole in the raw lake or in a message that says what to do."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from scratch import rows_of
from warehouse.errors import WarehouseError
from warehouse.load import batches
from warehouse.load.batches import Batch, clear_leftovers, land, prepared
from warehouse.load.files import choose_table, find_files
from warehouse.load.run import load_files
from warehouse.project import raw_tables
from warehouse.workspace import Workspace, WorkspaceSettings

ORDERS = "order_id,account_id,ordered_at\n007,A1,2025-01-03 10:00:00\n8,A2,2025-01-04\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = WorkspaceSettings(
        systems={"commerce": ["flat_file"]}, base_currency="EUR", reporting_timezone="Europe/Berlin"
    )
    return Workspace("test", settings, tmp_path / "data")


def choose(system: str, file: Path, table: str | None) -> str:
    file.write_text("x\n")
    return choose_table(system, file, table).name


def load(workspace: Workspace, file: Path, content: str | bytes, table: str = "orders", **renames: str) -> Batch:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return land(workspace, raw_tables("flat_file")[table], file, renames)


def landed(workspace: Workspace, table: str = "orders") -> list[tuple]:
    files = workspace.raw_lake / "flat_file" / table / "*.parquet"
    return rows_of(f"select * from read_parquet('{files}', union_by_name = true) order by _source_file, _row_number")


def test_text_stays_text_and_rows_know_where_they_came_from(workspace: Workspace, tmp_path: Path) -> None:
    landing = load(workspace, tmp_path / "orders.csv", ORDERS)
    assert landing.rows == 2 and landing.is_new
    rows = landed(workspace)
    # 007 keeps its zeros; the header is row 1
    assert [(row[0], row[3], row[4]) for row in rows] == [("007", "orders.csv", 2), ("8", "orders.csv", 3)]


@pytest.mark.parametrize("limit", [0, 1_000_000_000], ids=["by one thread", "in a table by all threads"])
def test_rows_of_a_large_file_are_numbered_as_they_stand_in_it(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(batches, "NUMBERED_IN_A_TABLE_BYTES", limit)
    # each row says where it stands; they are long, because one thread takes 32 MB of a file at a time
    lines = "".join(f"{row},A,2025-01-03,{'x' * 300}\n" for row in range(2, 400_002))
    load(workspace, tmp_path / "orders.csv", "order_id,account_id,ordered_at,note\n" + lines)
    files = workspace.raw_lake / "flat_file" / "orders" / "*.parquet"
    query = "select count(*), count(*) filter (cast(order_id as bigint) = _row_number), count(distinct _row_number)"
    assert rows_of(f"{query} from read_parquet('{files}')") == [(400_000, 400_000, 400_000)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv", ORDERS.replace(",", ";")),
        ("orders.tsv", ORDERS.replace(",", "\t")),
        ("orders.csv", "\ufeff" + ORDERS),
        ("orders.csv", ORDERS.replace("\n", "\r\n")),
        ("orders.csv.gz", gzip.compress(ORDERS.encode())),
        ("orders.csv", ORDERS.replace("order_id", "Order_ID")),
        ("orders.csv", '"order_id","ordered_at"\n"007","2025-01-03 10:00:00"\n"8","2025-01-04"\n'),
        ("orders.jsonl", '{"order_id": "007", "account_id": "A1", "ordered_at": "2025-01-03 10:00:00"}\n'
                         '{"order_id": "8", "account_id": "A2", "ordered_at": "2025-01-04"}\n'),
    ],
    ids=["semicolons", "tabs", "byte order mark", "CRLF", "gzip", "upper case", "quotes", "JSON lines"],
)  # fmt: skip
def test_the_same_rows_in_many_forms(workspace: Workspace, tmp_path: Path, name: str, content: str | bytes) -> None:
    assert load(workspace, tmp_path / name, content).rows == 2
    assert [str(row[0]) for row in landed(workspace)] == ["007", "8"]


def test_parquet_keeps_its_types(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    rows_of(f"copy (select 7 as order_id, now() as ordered_at) to '{file}'")
    assert land(workspace, raw_tables("flat_file")["orders"], file, {}).rows == 1
    assert landed(workspace)[0][0] == 7


def test_the_same_file_twice_is_one_batch(workspace: Workspace, tmp_path: Path) -> None:
    first = load(workspace, tmp_path / "orders.csv", ORDERS)
    again = load(workspace, tmp_path / "copy of orders.csv", ORDERS)
    assert first.path == again.path and not again.is_new
    assert len(landed(workspace)) == 2


def test_other_columns_are_kept_and_named(workspace: Workspace, tmp_path: Path) -> None:
    landing = load(workspace, tmp_path / "orders.csv", "order_id,ordered_at,colour\n1,2025-01-03,red\n")
    assert landing.report.unused == ("colour",)
    assert "currency_code" in landing.report.absent


def test_latin_1_is_read_and_said(workspace: Workspace, tmp_path: Path) -> None:
    content = "order_id,ordered_at,payment_method\n1,2025-01-03,Überweisung\n".encode("latin-1")
    landing = load(workspace, tmp_path / "orders.csv", content)
    assert "the file is not UTF-8; it was read as Latin-1" in landing.facts
    assert landed(workspace)[0][2] == "Überweisung"


def test_renamed_columns(workspace: Workspace, tmp_path: Path) -> None:
    load(
        workspace,
        tmp_path / "orders.csv",
        "No.,Order Date\n1,2025-01-03\n",
        **{"No.": "order_id", "Order Date": "ordered_at"},
    )
    assert landed(workspace)[0][:2] == ("1", "2025-01-03")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("account_id,ordered_at\nA,2025-01-03\n", "lacks the column order_id"),
        ("Order Id,ordered_at\n1,2025-01-03\n", "--rename 'Order Id=order_id'"),
        ("order_id,OrderedAt\n1,2025-01-03\n", "--rename 'OrderedAt=ordered_at'"),
        ("order_id,ordered_at\n1,2025-01-03,surplus,values\n2,2025-01-03\n3,2025-01-04,x,y\n", "cannot be read"),
        ("order_id,ordered_at,_row_number\n1,2025-01-03,4\n", "would exist twice"),
        (b"\x00\x01\x02\x03", "orders.csv"),
    ],
    ids=["no key", "spaces", "camel case", "ragged", "reserved", "binary"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_leaves_nothing(
    workspace: Workspace, tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(WarehouseError) as error:
        load(workspace, tmp_path / "orders.csv", content)
    assert message in str(error.value)
    assert not list(workspace.raw_lake.rglob("*.parquet"))


def test_a_header_without_rows_is_a_file_with_no_rows(workspace: Workspace, tmp_path: Path) -> None:
    assert load(workspace, tmp_path / "orders.csv", "order_id,ordered_at\n").rows == 0


def test_an_unknown_format_says_what_to_save_as(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="Save it as CSV"):
        load(workspace, tmp_path / "orders.xlsx", "PK")


def test_a_rename_of_nothing_is_told(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="has no column 'Nr' to rename"):
        load(workspace, tmp_path / "orders.csv", ORDERS, Nr="order_id")


def test_a_system_that_the_workspace_does_not_use(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    with pytest.raises(WarehouseError, match="does not use the system 'online_retail'"):
        land(workspace, raw_tables("online_retail")["invoice_lines"], tmp_path / "orders.csv", {})


def test_which_table_a_file_is(tmp_path: Path) -> None:
    assert choose("flat_file", tmp_path / "Orders.csv.gz", None) == "orders"
    assert choose("flat_file", tmp_path / "export.csv", "order_lines") == "order_lines"
    assert choose("online_retail", tmp_path / "anything.parquet", None) == "invoice_lines"
    with pytest.raises(WarehouseError, match="did you mean 'orders'"):
        choose("flat_file", tmp_path / "order.csv", None)
    with pytest.raises(WarehouseError, match="There is no system named 'sap'"):
        choose("sap", tmp_path / "orders.csv", None)
    with pytest.raises(WarehouseError, match="There is no file"):
        choose_table("flat_file", tmp_path / "nothing.csv", None)
    with pytest.raises(WarehouseError, match="is a folder"):
        choose_table("flat_file", tmp_path, None)


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(b"")
    with pytest.raises(WarehouseError, match="is empty: not even a header row"):
        choose_table("flat_file", tmp_path / "orders.csv", None)


def test_an_old_file_loaded_again_is_the_latest_load(workspace: Workspace, tmp_path: Path) -> None:
    first = load(workspace, tmp_path / "orders.csv", ORDERS)
    load(workspace, tmp_path / "orders.csv", ORDERS.replace("A1", "A9"))
    again = load(workspace, tmp_path / "orders.csv", ORDERS)
    assert again.path == first.path and again.is_latest_again
    files = workspace.raw_lake / "flat_file" / "orders" / "*.parquet"
    query = f"select max_by(account_id, _loaded_at) from read_parquet('{files}') where order_id = '007'"
    assert rows_of(query) == [("A1",)]
    assert not load(workspace, tmp_path / "orders.csv", ORDERS).is_latest_again


def test_a_folder_loaded_again_adds_its_new_files_only(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()

    def load_folder() -> dict[str, str]:
        outcomes = load_files(Console(quiet=True), workspace, "flat_file", [str(folder)], None, {}, dry_run=False)
        return {outcome.name: outcome.batch.status for outcome in outcomes}

    for day in (1, 2, 4):
        (folder / f"orders_{day}.csv").write_text(ORDERS.replace("007", f"00{day}"))
    assert set(load_folder().values()) == {"new"}
    written = {file: file.stat().st_mtime_ns for file in workspace.raw_lake.rglob("*.parquet")}
    assert set(load_folder().values()) == {"known"}
    (folder / "orders_5.csv").write_text(ORDERS.replace("007", "005"))
    assert load_folder() == {
        "orders_1.csv": "known", "orders_2.csv": "known", "orders_4.csv": "known", "orders_5.csv": "new",
    }  # fmt: skip
    assert {file: file.stat().st_mtime_ns for file in written} == written
    # what comes after a new file is to be later than it
    (folder / "orders_3.csv").write_text(ORDERS.replace("007", "003"))
    assert load_folder() == {
        "orders_1.csv": "known", "orders_2.csv": "known", "orders_3.csv": "new", "orders_4.csv": "latest again",
        "orders_5.csv": "latest again",
    }  # fmt: skip
    # one of them alone is meant
    (folder / "orders_5.csv").unlink()
    assert load_folder()["orders_1.csv"] == "latest again"


def test_a_rename_to_a_column_that_is_not_there(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no column 'acount_id' to rename to; did you mean 'account_id'"):
        load(workspace, tmp_path / "orders.csv", ORDERS, account_id="acount_id")


def test_batches_of_unlike_types_are_read_as_they_were_written(workspace: Workspace, tmp_path: Path) -> None:
    orders = raw_tables("flat_file")["orders"]
    values = ["timestamp '2025-01-03 10:00:00', 9007199254740993", "timestamptz '2025-01-03 10:00:00+02', 1.5::double"]
    for number, value in enumerate(values):
        file = tmp_path / f"orders_{number}.parquet"
        rows_of(f"copy (select 7 as order_id, t.* from (select {value}) as t(ordered_at, note)) to '{file}'")
        land(workspace, orders, file, {})
    # as one type, the first time would be one of UTC and the first number would lose its last digit
    assert [(str(row[1]), str(row[2])) for row in landed(workspace)] == [
        ("2025-01-03 10:00:00", "9007199254740993"),
        ("2025-01-03 08:00:00+00", "1.5"),
    ]


def test_a_name_twice_is_harmless_where_it_is_not_read(workspace: Workspace, tmp_path: Path) -> None:
    landing = load(workspace, tmp_path / "orders.csv", "order_id,ordered_at,note,Note\n1,2025-01-03,a,b\n")
    assert landing.report.unused == ("note", "Note_1")
    with pytest.raises(WarehouseError, match="two columns named 'order_id'"):
        load(workspace, tmp_path / "orders.csv", "order_id,ordered_at,Order_ID\n1,2025-01-03,2\n")


def test_a_comma_in_a_header_of_semicolons(workspace: Workspace, tmp_path: Path) -> None:
    landing = load(workspace, tmp_path / "orders.csv", "order_id;ordered_at;Net, gross, tax\n1;2025-01-03;1,5\n")
    assert landing.report.unused == ("Net, gross, tax",)


def test_zstd_is_read_like_gzip(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv.zst"
    rows_of(
        "copy (select '007' as order_id, '2025-01-03' as ordered_at)"
        f" to '{file}' (format csv, header, compression zstd, delimiter ';')"
    )
    batch = land(workspace, raw_tables("flat_file")["orders"], file, {})
    assert batch.facts == ("delimiter semicolon", "UTF-8", "a header of 2 columns")
    assert landed(workspace)[0][:2] == ("007", "2025-01-03")


def test_a_killed_load_leaves_nothing_half_visible(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    rows_of(f"copy (select n as order_id, '2025-01-03' as ordered_at from range(1500000) as t(n)) to '{file}' (header)")
    code = (
        "from pathlib import Path; from warehouse.load.batches import land; from warehouse.project import raw_tables;"
        "from warehouse.workspace import *;"
        "settings = WorkspaceSettings(systems={'commerce': ['flat_file']}, base_currency='EUR',"
        " reporting_timezone='Europe/Berlin');"
        f"land(Workspace('test', settings, Path({str(workspace.folder)!r})), raw_tables('flat_file')['orders'],"
        f" Path({str(file)!r}), {{}})"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        while not (half := list(workspace.raw_lake.glob(".landing/*.tmp"))) or half[0].stat().st_size == 0:
            assert process.poll() is None, "the load ended before it could be killed"
            time.sleep(0.01)
        process.kill()
    assert not list(workspace.raw_lake.rglob("*.parquet"))
    assert list(workspace.raw_lake.rglob("*.tmp"))
    clear_leftovers(workspace)
    assert land(workspace, raw_tables("flat_file")["orders"], file, {}).rows == 1500000
    assert [path.suffix for path in workspace.raw_lake.rglob("*") if path.is_file()] == [".parquet"]


def test_what_is_prepared_and_not_landed_is_gone(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    with prepared(workspace, raw_tables("flat_file")["orders"], tmp_path / "orders.csv", {}) as batch:
        columns, rows = batch.first_rows(1)
        assert dict(zip(columns, rows[0], strict=True))["order_id"] == "007"
    assert not [path for path in workspace.raw_lake.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("orders.csv", "orders"),
        ("Orders_2026-01.csv.gz", "orders"),
        ("2026_order_lines (2).csv", "order_lines"),
        ("order-lines-export.csv", "order_lines"),
        ("orders/part-0.csv", "orders"),
    ],
)
def test_a_file_is_named_after_its_table(tmp_path: Path, name: str, table: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    assert choose("flat_file", tmp_path / name, None) == table


def test_paths_patterns_and_folders(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "sub/c.parquet", ".hidden.csv", "README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert find_files([str(tmp_path)]) == (
        [tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "sub" / "c.parquet"], [tmp_path / "README.md"]
    )  # fmt: skip
    assert find_files([f"{tmp_path}/*.csv", f"{tmp_path}/a.csv"])[0] == [tmp_path / "a.csv", tmp_path / "b.csv"]
    # a name with brackets is a name where such a file exists
    (tmp_path / "x[1].csv").write_text("x")
    assert find_files([f"{tmp_path}/x[1].csv"])[0] == [tmp_path / "x[1].csv"]
    for wrong, message in (("*.tsv", "No file fits"), ("nothing.csv", "There is no file"), ("empty", "holds no CSV")):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(WarehouseError, match=message):
            find_files([f"{tmp_path}/{wrong}"])


def test_column_names_are_no_sql_and_no_paths(workspace: Workspace, tmp_path: Path) -> None:
    evil = "x\"; copy (select 1) to '../../evil.csv'; --"
    quoted = evil.replace('"', '""')
    load(workspace, tmp_path / "orders'; --.csv", f'order_id,ordered_at,"{quoted}"\n1,2025-01-03,y\n')
    assert landed(workspace)[0][2:4] == ("y", "orders'; --.csv")
    assert not list(tmp_path.rglob("evil.csv"))
    for table in ("../orders", "orders'; --"):
        with pytest.raises(WarehouseError, match="has no table"):
            choose_table("flat_file", tmp_path / "orders'; --.csv", table)
    with pytest.raises(WarehouseError, match="There is no system"):
        choose_table("../staging/flat_file", tmp_path / "orders'; --.csv", "orders")
