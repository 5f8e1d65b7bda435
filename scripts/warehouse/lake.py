"""Lands exports in the raw lake: Parquet as given, plus where each row came from."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.project import RawTable, raw_tables
from warehouse.workspace import Workspace

ORIGIN_COLUMNS = ("_source_file", "_row_number", "_loaded_at", "_batch_id")
TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Landing:
    """What a load did.

    Attributes:
        table: where the rows went.
        path: the Parquet file in the raw lake.
        rows: rows in it.
        is_new: false when the same file had been landed before.
        is_latest_again: the same file had been landed before, and others since; it counts as the latest load now.
        unused: columns of the export that no staging model reads; they are kept all the same.
        absent: optional columns that the export does not have.
        notes: what the reader should know, such as an encoding other than UTF-8.
    """

    table: RawTable
    path: Path
    rows: int
    is_new: bool
    is_latest_again: bool
    unused: tuple[str, ...]
    absent: tuple[str, ...]
    notes: tuple[str, ...]


def choose_table(system: str, file: Path, table_name: str | None) -> RawTable:
    """The raw table a file belongs to: the one named, the system's only one, or the one the file is named after.

    Raises:
        WarehouseError: there is no such file, system or table, or the choice is open.
    """
    if file.is_dir():
        raise WarehouseError(f"{file} is a folder: load its files one by one.")
    if not file.is_file():
        raise WarehouseError(f"There is no file {file}.")
    if file.stat().st_size == 0:
        raise WarehouseError(f"{file.name} is empty: not even a header row.")
    tables = raw_tables(system)
    if table_name is None and len(tables) == 1:
        return next(iter(tables.values()))
    name = table_name or file.name.split(".")[0].lower()
    if name in tables:
        return tables[name]
    near = get_close_matches(name, tables, n=1)
    raise WarehouseError(
        f"The system '{system}' has no table '{name}'"
        + (f"; did you mean '{near[0]}'? " if near else ". ")
        + f"Say which table {file.name} is with --table, one of: {', '.join(tables)}."
    )


def land(workspace: Workspace, table: RawTable, file: Path, renames: dict[str, str]) -> Landing:
    """Writes one export file to the raw lake, whole or not at all.

    The batch is named after the file's content, so that loading the same file twice is one batch. If other files have
    been loaded since, it is written anew with the time of this load: who loads an old file again means it.

    Args:
        workspace: the company whose raw lake it is.
        table: the raw table.
        file: CSV, TSV, JSON lines or Parquet; text files may be gzip-compressed.
        renames: column of the file -> column of the table.

    Raises:
        WarehouseError: the file cannot be read, or lacks a required column. Nothing has been written then.
    """
    if table.system not in workspace.enabled_systems:
        raise WarehouseError(
            f"The workspace '{workspace.name}' does not use the system '{table.system}': "
            f"add it under `systems:` in workspaces/{workspace.name}.yml, or choose another --workspace."
        )
    target = workspace.raw_lake / table.system / table.name / f"{_batch_id(file, renames)}.parquet"
    is_new = not target.exists()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        export = _open_export(connection, file)
        landed_columns = _landed_columns(file, export.columns, renames)
        _check_rename_targets(table, renames)
        _require_columns(file, table, landed_columns)
        is_latest_again = not is_new and _is_overtaken(connection, target)
        if is_new or is_latest_again:
            _write(connection, export, landed_columns, file, target)
        rows = connection.execute("select count(*) from read_parquet(?)", [str(target)]).fetchone()[0]
    present = {column.lower() for column in landed_columns}
    known = {column.lower() for column in table.columns}
    return Landing(
        table=table,
        path=target,
        rows=rows,
        is_new=is_new,
        is_latest_again=is_latest_again,
        unused=tuple(c for c in landed_columns if c.lower() not in known),
        absent=tuple(c for c in table.optional if c.lower() not in present),
        notes=export.notes,
    )


@dataclass(frozen=True)
class _Export:
    """A readable export: a SQL table function over it, its columns, and its row number as SQL."""

    scan: str
    columns: tuple[str, ...]
    row_number: str
    notes: tuple[str, ...]


def _open_export(connection: duckdb.DuckDBPyConnection, file: Path) -> _Export:
    """Finds out how to read a file. All values of text files stay text: types are decided by the contract."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    kind = next((s for s in reversed(suffixes) if s not in (".gz", ".zst")), "")
    name = _literal(str(file))
    if kind == ".parquet":
        return _described(connection, file, f"read_parquet({name}, file_row_number = true)", "file_row_number + 1")
    if kind in JSON_SUFFIXES:
        return _described(connection, file, f"read_json({name}, convert_strings_to_integers = false)")
    if kind not in TEXT_SUFFIXES:
        raise WarehouseError(
            f"{file.name}: files of type '{kind}' cannot be loaded. Save it as CSV, TSV, JSON lines or Parquet."
        )
    # the header is row 1 of the file
    row_number = "row_number() over () + 1"
    options = "header = true, all_varchar = true"
    try:
        return _described(connection, file, f"read_csv({name}, {options}{_delimiter(connection, name)})", row_number)
    except WarehouseError as error:
        if "utf-8" not in str(error).lower():
            raise
    # Spreadsheets on Windows save in Latin-1, in which any byte is valid.
    latin = f"read_csv({name}, {options}, encoding = 'latin-1')"
    export = _described(connection, file, latin, row_number)
    return replace(export, notes=("The file is not UTF-8; it was read as Latin-1.",))


def _delimiter(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """An option naming the delimiter when a broken row kept DuckDB from finding it; else nothing.

    DuckDB then takes the whole line for one column, and its error would speak of a missing column instead of the row.
    """
    try:
        columns = connection.execute(f"describe select * from read_csv({name}, header = true)").fetchall()
    except duckdb.Error:
        return ""
    found = next((mark for mark in ",;\t|" if mark in columns[0][0]), None)
    return f", delim = {_literal(found)}" if len(columns) == 1 and found else ""


def _described(
    connection: duckdb.DuckDBPyConnection, file: Path, scan: str, row_number: str = "row_number() over ()"
) -> _Export:
    try:
        # reads the whole file once, so that a broken row is an error here and not a half-landed table
        connection.execute(f"select count(columns(*)) from {scan}")
        described = connection.execute(f"describe select * from {scan}").fetchall()
    except duckdb.Error as error:
        first_lines = "; ".join(line for line in str(error).splitlines()[:3] if line.strip())
        raise WarehouseError(f"{file.name} cannot be read: {first_lines}") from error
    columns = tuple(row[0] for row in described if row[0] != "file_row_number")
    return _Export(scan, columns, row_number, ())


def _landed_columns(file: Path, columns: Iterable[str], renames: dict[str, str]) -> dict[str, str]:
    """Column in the lake -> column of the file."""
    columns = tuple(columns)
    unknown = [column for column in renames if column not in columns]
    if unknown:
        raise WarehouseError(f"{file.name} has no column '{unknown[0]}' to rename. Its columns: {', '.join(columns)}.")
    landed: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = renames.get(column, column).strip()
        if name.lower() in taken or name in ORIGIN_COLUMNS:
            raise WarehouseError(
                f"{file.name}: the column '{name}' would exist twice. Rename one with --rename '{column}=...'."
            )
        taken.add(name.lower())
        landed[name] = column
    return landed


def _require_columns(file: Path, table: RawTable, landed_columns: dict[str, str]) -> None:
    present = {column.lower() for column in landed_columns}
    missing = [column for column in table.required if column.lower() not in present]
    if not missing:
        return
    spare = {_bare(c): c for c in landed_columns if c.lower() not in {k.lower() for k in table.columns}}
    hints = []
    for column in missing:
        near = get_close_matches(_bare(column), spare, n=1, cutoff=0.6)
        if near:
            hints.append(f"--rename '{spare.pop(near[0])}={column}'")
    raise WarehouseError(
        f"{file.name} lacks {'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)}, "
        f"which {table.system} {table.name} needs. It has: {', '.join(landed_columns)}. "
        + (
            f"If it is only another name, add {' '.join(hints)}."
            if hints
            else "Add it to the export, or rename one with --rename OLD=NEW."
        )
        + " Nothing was loaded."
    )


def _check_rename_targets(table: RawTable, renames: dict[str, str]) -> None:
    known = {column.lower(): column for column in table.columns}
    for new in renames.values():
        if new.lower() not in known:
            near = get_close_matches(new.lower(), known, n=1)
            raise WarehouseError(
                f"{table.system} {table.name} has no column '{new}' to rename to"
                + (f"; did you mean '{known[near[0]]}'?" if near else f". It has: {', '.join(table.columns)}.")
            )


def _is_overtaken(connection: duckdb.DuckDBPyConnection, batch: Path) -> bool:
    """Whether another batch of the table was loaded after this one."""
    files = str(batch.parent / "*.parquet")
    latest = connection.execute(
        "select max_by(_batch_id, _loaded_at) from read_parquet(?, union_by_name = true)", [files]
    ).fetchone()[0]
    return latest is not None and latest != batch.stem


def _write(
    connection: duckdb.DuckDBPyConnection, export: _Export, landed_columns: dict[str, str], file: Path, target: Path
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half_written = target.with_suffix(f".{os.getpid()}.tmp")
    columns = ", ".join(f"{_identifier(column)} as {_identifier(name)}" for name, column in landed_columns.items())
    loaded_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    try:
        connection.execute(f"""
            copy (
                select
                    {columns},
                    {_literal(file.name)} as _source_file,
                    cast({export.row_number} as bigint) as _row_number,
                    timestamp {_literal(loaded_at)} as _loaded_at,
                    {_literal(target.stem)} as _batch_id
                from {export.scan}
            ) to {_literal(str(half_written))} (format parquet, compression zstd)
        """)
        half_written.replace(target)
    finally:
        half_written.unlink(missing_ok=True)


def _batch_id(file: Path, renames: dict[str, str]) -> str:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(repr(sorted(renames.items())).encode())
    return digest.hexdigest()[:16]


def _bare(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
