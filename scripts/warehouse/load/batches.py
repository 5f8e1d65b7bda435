"""Batches of the raw lake: an export is written beside the lake, judged, and becomes a part of it in one step."""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.engine import connected
from warehouse.erasure import clean_batch, erased_persons
from warehouse.errors import WarehouseError
from warehouse.load.columns import ORIGIN_COLUMNS, ColumnReport, landed_columns, report
from warehouse.load.readers import Export, is_nested, read_file, run
from warehouse.load.sql import identifier, literal
from warehouse.privacy import LandingRule
from warehouse.project import RawTable
from warehouse.workspace import Workspace

METADATA_KEY = "warehouse"
POLL_SECONDS = 0.2
# Exports are mostly text, and ids that never repeat: trying to find a dictionary for them, and filters that no build
# asks for, cost a third of the time to write a batch, and saved nothing. Version 2 of the format writes text in a
# tenth less time; Snappy takes a tenth less than Zstandard, for twice the size (benchmarks/load_speed.py).
PARQUET_OPTIONS = "compression snappy, parquet_version v2, dictionary_size_limit 1000, write_bloom_filter false"
# Numbering rows as they are read takes one thread. Files up to this size are held in a table instead, which numbers
# its rows by itself, and is read and written by all threads.
NUMBERED_IN_A_TABLE_BYTES = 1_000_000_000

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Batch:
    """An export, read whole and written as Parquet, that is in the lake or may be put there.

    Attributes:
        name: the file, or the table of a database.
        table: where the rows go.
        path: the Parquet file in the raw lake.
        rows: rows in it.
        is_new: false when the same content had been landed before.
        is_latest_again: the same had been landed before, and others since; it counts as the latest load now.
        report: how it fits the contract.
        facts: how it was read, such as the delimiter found.
        written: where it lies until it is landed; the same as `path` when there is nothing to land.
    """

    name: str
    table: RawTable
    path: Path
    rows: int
    is_new: bool
    is_latest_again: bool
    report: ColumnReport
    facts: tuple[str, ...]
    written: Path

    @property
    def status(self) -> str:
        """What landing it means, in a word or three."""
        return "new" if self.is_new else "latest again" if self.is_latest_again else "known"

    def land(self) -> None:
        """Makes the batch a part of the lake in one step."""
        if self.written != self.path:
            with self.written.open("rb") as content:
                os.fsync(content.fileno())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.written.replace(self.path)

    def first_rows(self, count: int) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The first rows as they would be landed, the columns that staging reads first."""
        known = [column.lower() for column in self.table.columns]
        with duckdb.connect() as connection:
            columns = _columns_of(connection, self.written)
            shown = sorted(columns, key=lambda c: known.index(c.lower()) if c.lower() in known else len(known))
            selected = ", ".join(identifier(column) for column in shown)
            query = f"select {selected} from read_parquet(?) order by _row_number limit ?"
            return shown, connection.execute(query, [str(self.written), count]).fetchall()


def land(workspace: Workspace, table: RawTable, file: Path, renames: dict[str, str]) -> Batch:
    """Lands one export file, whole or not at all; for the arguments and errors see `prepared`."""
    with prepared(workspace, table, file, renames) as batch:
        batch.land()
    return batch


@contextmanager
def prepared(
    workspace: Workspace,
    table: RawTable,
    file: Path,
    renames: dict[str, str],
    progress: Progress = lambda _: None,
    in_place: Collection[Path] = (),
) -> Iterator[Batch]:
    """Reads an export file into a batch that can be landed; what is not landed is gone afterwards.

    The batch is named after the file's content, so that loading the same file twice is one batch. If other files have
    been loaded since, it is written anew with the time of this load: who loads an old file again means it. Unless it
    comes with those others, in the same order (`batches_in_place`).

    Args:
        workspace: the company whose raw lake it is.
        table: the raw table.
        file: CSV, TSV, JSON lines or Parquet; text files may be compressed with gzip or zstd.
        renames: column of the file -> column of the table.
        progress: is told now and then which share has been read.
        in_place: batches that are known, whatever was loaded since.

    Raises:
        WarehouseError: the file cannot be read, or lacks a required column. Nothing has been landed then.
    """
    require_enabled(workspace, table)
    batch_id, has_nul = _digest(file, renames)
    with connected(workspace) as connection, landing_file(workspace) as written:
        batch = known_batch(connection, workspace, table, file.name, batch_id, in_place)
        if batch is None:
            with _watched(connection, progress):
                batch = read_file(
                    connection,
                    file,
                    has_nul,
                    lambda export: write(connection, workspace, table, export, renames, batch_id, written),
                )
        yield batch


def require_enabled(workspace: Workspace, table: RawTable) -> None:
    """Refuses a table of a system that the workspace does not use.

    Raises:
        WarehouseError: it does not.
    """
    if table.system not in workspace.enabled_systems:
        raise WarehouseError(
            f"The workspace '{workspace.name}' does not use the system '{table.system}': "
            f"add it under `systems:` in workspaces/{workspace.name}.yml, or choose another --workspace."
        )


@contextmanager
def landing_file(workspace: Workspace) -> Iterator[Path]:
    """Where a batch is written before it is landed: beside the tables of the lake, where no build looks."""
    folder = _landing_folder(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{os.getpid()}.tmp"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def clear_leftovers(workspace: Workspace) -> None:
    """Deletes what a killed load left half-written. For who holds the workspace alone."""
    for path in _landing_folder(workspace).glob("*.tmp"):
        path.unlink()
    shutil.rmtree(download_folder(workspace), ignore_errors=True)


def download_folder(workspace: Workspace) -> Path:
    """Where a file of the web lies while it is read. For who holds the workspace alone."""
    return workspace.raw_lake / ".download"


def _landing_folder(workspace: Workspace) -> Path:
    return workspace.raw_lake / ".landing"


def table_folder(workspace: Workspace, table: RawTable) -> Path:
    """The folder of a raw table's batches."""
    return workspace.raw_lake / table.system / table.name


def batches_in_place(
    workspace: Workspace, files: Iterable[tuple[RawTable, Path]], renames: dict[str, str]
) -> set[Path]:
    """The batches that a load of several files leaves as they are.

    Who loads a folder every night means its new files, and old ones written anew would have the next build read
    everything. A file stays where it is as long as what was loaded since comes after it once more. The first one that
    is new, or moves, is then younger than all: those after it follow it.

    Args:
        workspace: the company whose raw lake it is.
        files: what is to be loaded, in order.
        renames: column of the file -> column of the table.
    """
    by_folder: dict[Path, list[Path]] = {}
    for table, file in files:
        by_folder.setdefault(table_folder(workspace, table), []).append(file)
    in_place: set[Path] = set()
    with connected(workspace) as connection:
        for folder, of_table in by_folder.items():
            by_age = batches_by_age(connection, folder) if len(of_table) > 1 else []
            if not by_age:
                continue
            paths = [folder / f"{_digest(file, renames)[0]}.parquet" for file in of_table]
            for position, path in enumerate(paths):
                if path not in by_age or not set(by_age[by_age.index(path) + 1 :]) <= set(paths[position + 1 :]):
                    break
                in_place.add(path)
    return in_place


def known_batch(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    table: RawTable,
    name: str,
    batch_id: str,
    in_place: Collection[Path] = (),
) -> Batch | None:
    """The batch of the lake with the same content, if nothing was loaded after it or it is in place."""
    path = table_folder(workspace, table) / f"{batch_id}.parquet"
    if not path.exists():
        return None
    if path not in in_place and path in batches_by_age(connection, path.parent)[:-1]:
        return None
    metadata = batch_metadata(connection, [path]).get(path, {})
    facts = tuple(metadata.get("facts", ()))
    return _batch(connection, workspace, table, name, path, path, facts, is_new=False)


def write(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    table: RawTable,
    export: Export,
    renames: dict[str, str],
    batch_id: str,
    written: Path,
) -> Batch:
    """Writes an export as a batch, to be landed by who called.

    Raises:
        WarehouseError: it cannot be read to its end, or does not fit the table.
    """
    given = landed_columns(export, table, renames)
    rule = LandingRule(connection, workspace, table, export, given)
    landed = {name: column for name, column in given.items() if name not in rule.dropped}
    path = table_folder(workspace, table) / f"{batch_id}.parquet"
    others = [other for other in path.parent.glob("*.parquet") if other != path]
    types = _types(connection, others)
    values = {
        name: rule.landed(name, _landed_value(column, export.columns[column], types.get(name.lower())))
        for name, column in landed.items()
    } | rule.domains(landed)
    columns = ", ".join(f"{value} as {identifier(name)}" for name, value in values.items())
    facts = (*export.facts, *rule.facts)
    loaded_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    metadata = json.dumps({"facts": facts, **export.metadata})
    run(
        connection,
        export.name,
        f"""
        copy (
            select
                * exclude (_row_number),
                {literal(export.name)} as _source_file,
                _row_number,
                timestamp {literal(loaded_at)} as _loaded_at,
                {literal(batch_id)} as _batch_id
            from {_numbered(connection, export, columns)}
        ) to {literal(str(written))} (
            format parquet, {PARQUET_OPTIONS}, kv_metadata {{{literal(METADATA_KEY)}: {literal(metadata)}}}
        )
        """,
    )
    for person in erased_persons(workspace):
        clean = written.with_suffix(".clean.tmp")
        if clean_batch(connection, table, written, clean, person):
            clean.replace(written)
    if export.may_hold_nul:
        _refuse_nul(connection, export.name, written, landed)
    changes = _changes(connection, path.parent, written) if others and not path.exists() else ()
    is_new = not path.exists()
    return _batch(connection, workspace, table, export.name, path, written, facts, is_new, changes)


def _numbered(connection: duckdb.DuckDBPyConnection, export: Export, columns: str) -> str:
    """SQL that reads the landed columns of an export and the place of each row, `_row_number`."""
    if export.row_number is not None:
        return f"(select {columns}, cast({export.row_number} as bigint) as _row_number from {export.scan})"
    if export.bytes is None or export.bytes > NUMBERED_IN_A_TABLE_BYTES:
        number = f"row_number() over () + {export.first_row - 1}"
        return f"(select {columns}, {number} as _row_number from {export.scan})"
    # rows are put in by several threads, in the order of the file
    run(connection, export.name, f"create or replace temp table landed as select {columns} from {export.scan}")
    return f"(select *, rowid + {export.first_row} as _row_number from landed)"


def batch_metadata(connection: duckdb.DuckDBPyConnection, paths: list[Path]) -> dict[Path, dict[str, Any]]:
    """What batches remember of their export, by file; batches without are left out."""
    if not paths:
        return {}
    found = connection.execute(
        "select file_name, decode(value) from parquet_kv_metadata(?) where decode(key) = ?",
        [[str(path) for path in paths], METADATA_KEY],
    ).fetchall()
    return {Path(name): json.loads(value) for name, value in found}


def _batch(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    table: RawTable,
    name: str,
    path: Path,
    written: Path,
    facts: tuple[str, ...],
    is_new: bool,
    changes: tuple[tuple[str, str], ...] = (),
) -> Batch:
    scan = f"read_parquet({literal(str(written))})"
    (rows,) = connection.execute(f"select count(*) from {scan}").fetchone()
    columns = _columns_of(connection, written)
    return Batch(
        name,
        table,
        path,
        rows,
        is_new=is_new,
        is_latest_again=not is_new and written != path,
        report=report(connection, workspace, table, scan, columns, changes),
        facts=facts,
        written=written,
    )


def _columns_of(connection: duckdb.DuckDBPyConnection, batch: Path) -> dict[str, str]:
    """Columns of a batch with their types, without those of origin."""
    described = connection.execute("describe from read_parquet(?)", [str(batch)]).fetchall()
    return {row[0]: row[1] for row in described if row[0] not in ORIGIN_COLUMNS}


def batches_by_age(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """The batches of a table that have rows, the one that was loaded last at the end; their footers tell."""
    paths = [str(path) for path in folder.glob("*.parquet")]
    if not paths:
        return []
    found = connection.execute(
        "select file_name from parquet_metadata(?) where path_in_schema = '_loaded_at'"
        " group by file_name order by max(cast(stats_max_value as timestamp)), file_name",
        [paths],
    ).fetchall()
    return [Path(name) for (name,) in found]


def _changes(connection: duckdb.DuckDBPyConnection, folder: Path, written: Path) -> tuple[tuple[str, str], ...]:
    """Columns that came, went or changed their type since the load before."""
    earlier = batches_by_age(connection, folder)
    if not earlier:
        return ()
    latest = earlier[-1]
    before, after = ({c.lower(): t for c, t in _columns_of(connection, batch).items()} for batch in (latest, written))
    remembered = batch_metadata(connection, [latest, written])
    before_types, after_types = (remembered.get(batch, {}).get("types", {}) for batch in (latest, written))
    changes = [(column, "new since the load before") for column in after if column not in before]
    changes += [(column, "was in the load before and is gone") for column in before if column not in after]
    for column in (column for column in after if column in before):
        was = before_types.get(column, before[column])
        now = after_types.get(column, after[column])
        if was != now:
            changes.append((column, f"was {was} in the load before and is {now} now"))
    return tuple(changes)


def _refuse_nul(connection: duckdb.DuckDBPyConnection, name: str, written: Path, landed: dict[str, str]) -> None:
    holds_nul = " or ".join(f"contains({identifier(column)}, chr(0))" for column in landed)
    (row,) = connection.execute(
        f"select min(_row_number) from read_parquet(?) where {holds_nul}", [str(written)]
    ).fetchone()
    if row is not None:
        raise WarehouseError(f"{name} is not text: row {row} holds NUL bytes. Save it as UTF-8 text.")


def _types(connection: duckdb.DuckDBPyConnection, batches: list[Path]) -> dict[str, str]:
    """Column in lower case -> its type in these batches read together."""
    if not batches:
        return {}
    paths = [str(path) for path in batches]
    described = connection.execute("describe from read_parquet(?, union_by_name = true)", [paths]).fetchall()
    return {row[0].lower(): row[1] for row in described}


def _landed_value(column: str, data_type: str, landed_type: str | None) -> str:
    """The value as given, or as text if batches of unlike types would have to be read as one.

    DuckDB would read timestamps without zone as UTC beside ones with a zone, round long ids beside decimals, and fail
    on text beside objects.
    """
    value = identifier(column)
    if is_nested(data_type):
        return f"cast(to_json({value}) as varchar)"
    if data_type == "BLOB" or landed_type not in (None, data_type):
        return f"cast({value} as varchar)"
    return value


def _digest(file: Path, renames: dict[str, str]) -> tuple[str, bool]:
    """The batch that a file is, and whether it holds NUL bytes; both in one reading."""
    digest = hashlib.sha256()
    has_nul = False
    with file.open("rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
            has_nul = has_nul or b"\0" in block
    digest.update(repr(sorted(renames.items())).encode())
    return digest.hexdigest()[:16], has_nul


@contextmanager
def _watched(connection: duckdb.DuckDBPyConnection, progress: Progress) -> Iterator[None]:
    """Tells, from another thread, how far the running query is."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_SECONDS):
            progress(max(connection.query_progress(), 0) / 100)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
