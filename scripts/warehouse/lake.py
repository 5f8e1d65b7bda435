"""Lands exports in the raw lake: Parquet as given, plus where each row came from."""

import csv
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
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
# the header is row 1 of the file
TEXT_ROW_NUMBER = "row_number() over () + 1"
UNCLOSED_QUOTE = "a quote is opened and not closed"


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
        landed_columns = _landed_columns(file, tuple(export.columns), renames)
        _check_rename_targets(table, renames)
        _require_columns(file, table, landed_columns, export.nested)
        _refuse_ambiguous(file, table, landed_columns, export)
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
    """A readable export: a SQL table function over it, its columns with their types, and its row number as SQL.

    Columns that hold objects are `nested`, those whose name the file has twice `repeated`.
    """

    scan: str
    columns: dict[str, str]
    row_number: str = "row_number() over ()"
    nested: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def _open_export(connection: duckdb.DuckDBPyConnection, file: Path) -> _Export:
    """Finds out how to read a file. All values of text files stay text: types are decided by the contract."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    kind = next((s for s in reversed(suffixes) if s not in (".gz", ".zst")), "")
    if kind == ".parquet":
        return _open_parquet(connection, file)
    if kind not in TEXT_SUFFIXES + JSON_SUFFIXES:
        raise WarehouseError(
            f"{file.name}: files of type '{kind}' cannot be loaded. Save it as CSV, TSV, JSON lines or Parquet."
        )
    _refuse_disguised(file, is_compressed=suffixes[-1] in (".gz", ".zst"))
    return _open_json(connection, file) if kind in JSON_SUFFIXES else _open_text(connection, file)


def _open_parquet(connection: duckdb.DuckDBPyConnection, file: Path) -> _Export:
    scan = f"read_parquet({_literal(str(file))}, file_row_number = true)"
    # reads the whole file once, so that a broken row is an error here and not a half-landed table
    _query(connection, file, f"select count(columns(*)) from {scan}")
    columns = _columns(connection, file, f"select * exclude (file_row_number) from {scan}")
    return _Export(scan, columns, "file_row_number + 1", frozenset(c for c, t in columns.items() if _is_nested(t)))


def _open_json(connection: duckdb.DuckDBPyConnection, file: Path) -> _Export:
    """JSON lines, or one array of objects. DuckDB's guesses at types would drop digits of long ids and zone offsets."""
    name = _literal(str(file))
    guessed = _columns(connection, file, f"select * from read_json({name}, sample_size = -1)")
    if list(guessed) == ["json"]:
        raise WarehouseError(f'{file.name} holds no objects: JSON lines have one object a row, as {{"column": value}}.')
    as_text = ", ".join(f"{_identifier(column)}: 'varchar'" for column in guessed)
    scan = f"read_json({name}, columns = {{{as_text}}})"
    nested = {column for column, data_type in guessed.items() if _is_nested(data_type)}
    # the type of a column that holds objects in some rows only
    for column in (column for column, data_type in guessed.items() if data_type == "JSON"):
        found = _query(connection, file, f"select 1 from {scan} where {_identifier(column)} ~ '^[{{\\[]' limit 1")
        nested |= {column} if found else set()
    _query(connection, file, f"select count(columns(*)) from {scan}")
    return _Export(scan, dict.fromkeys(guessed, "VARCHAR"), nested=frozenset(nested))


def _open_text(connection: duckdb.DuckDBPyConnection, file: Path) -> _Export:
    with file.open("rb") as content:
        is_utf_16 = content.read(2) == b"\xff\xfe"
    if is_utf_16:
        return _open_encoded_text(connection, file, "utf-16", ("The file is not UTF-8; it was read as UTF-16.",))
    try:
        return _open_encoded_text(connection, file, "utf-8")
    except WarehouseError as error:
        if "not utf-8" not in str(error):
            raise
    # Spreadsheets on Windows save in Latin-1, or with the signs that Windows adds to it, which DuckDB refuses.
    try:
        return _open_encoded_text(connection, file, "latin-1", ("The file is not UTF-8; it was read as Latin-1.",))
    except WarehouseError as error:
        if "not latin-1" not in str(error):
            raise
    raise WarehouseError(
        f"{file.name} is neither UTF-8 nor Latin-1 text. If it is text, save it as UTF-8;"
        " spreadsheets call that 'CSV UTF-8'."
    )


def _open_encoded_text(
    connection: duckdb.DuckDBPyConnection, file: Path, encoding: str, notes: tuple[str, ...] = ()
) -> _Export:
    """Reads the dialect off the header instead of letting DuckDB guess it.

    Its guess fits the file at any price: it takes a stray quote for a part of the value, a line that begins with # for
    a comment, and skips what comes before the longest run of equal rows, all without a word.
    """
    read = f"read_csv({_literal(str(file))}, auto_detect = false, encoding = {_literal(encoding)}"
    whole_lines = "delim = '\x01', quote = '', escape = '', header = false, strict_mode = false"
    first_lines = _query(connection, file, f"from {read}, {whole_lines}, columns = {{'line': 'varchar'}}) limit 50")
    lines = [line for (line,) in first_lines if line and line.strip()]
    if not lines:
        raise WarehouseError(f"{file.name} has only blank lines: not even a header row.")
    delimiter = _delimiter(lines)
    quote = "'" if lines[0].startswith("'") else '"'
    columns, repeated = _header(lines, delimiter, quote)
    as_text = ", ".join(f"{_literal(column)}: 'varchar'" for column in columns)
    dialect = f"delim = {_literal(delimiter)}, quote = {_literal(quote)}, header = true, columns = {{{as_text}}}"
    scan = f"{read}, {dialect}, escape = {_literal(quote)})"
    try:
        _refuse_binary(connection, file, scan)
    except WarehouseError as error:
        if UNCLOSED_QUOTE not in str(error):
            raise
        # some databases write \" for a quote in a value
        scan = f"{read}, {dialect}, escape = '\\')"
        try:
            _refuse_binary(connection, file, scan)
        except WarehouseError:
            raise error from None
    return _Export(scan, dict.fromkeys(columns, "VARCHAR"), TEXT_ROW_NUMBER, repeated=repeated, notes=notes)


def _header(lines: list[str], delimiter: str, quote: str) -> tuple[list[str], frozenset[str]]:
    """The names of the columns, each once, and those that the file has more than once."""
    # the reader takes as many lines as the quotes in the header span
    names = next(csv.reader((line + "\n" for line in lines), delimiter=delimiter, quotechar=quote))
    columns: dict[str, str] = {}
    repeated: set[str] = set()
    for number, name in enumerate(names):
        unique = name if name.strip() else f"column{number}"
        while unique.strip().lower() in columns:
            repeated.add(columns[unique.strip().lower()])
            unique += "_1"
        columns[unique.strip().lower()] = unique
    return list(columns.values()), frozenset(repeated)


def _refuse_binary(connection: duckdb.DuckDBPyConnection, file: Path, scan: str) -> None:
    """Reads the whole file once, so that a broken row is an error here and not a half-landed table."""
    numbered = f"select {TEXT_ROW_NUMBER} as number, concat_ws('', *columns(*)) as content from {scan}"
    rows = _query(connection, file, f"select min(number) from ({numbered}) where contains(content, chr(0))")
    if rows[0][0] is not None:
        raise WarehouseError(f"{file.name} is not text: row {rows[0][0]} holds NUL bytes. Save it as UTF-8 text.")


def _delimiter(lines: list[str]) -> str:
    """The mark found most often in the header and in the row below it, outside quotes."""
    header, row = (re.sub('"[^"]*"', "", line) for line in (lines + lines[:1])[:2])
    return max(",;\t|", key=lambda mark: (min(header.count(mark), row.count(mark)), header.count(mark)))


def _refuse_disguised(file: Path, is_compressed: bool) -> None:
    """Says what a file is whose name says otherwise; its bytes would make a riddle of an error."""
    with file.open("rb") as content:
        start = content.read(4)
    if start.startswith(b"PK\x03\x04"):
        raise WarehouseError(f"{file.name} is a workbook or a zip archive, whatever its name: save the sheet as CSV.")
    if start.startswith(b"PAR1"):
        raise WarehouseError(f"{file.name} is Parquet, whatever its name: name it .parquet.")
    if start.startswith(b"\x1f\x8b") and not is_compressed:
        raise WarehouseError(f"{file.name} is compressed, whatever its name: name it {file.name}.gz.")
    if start.startswith(b"\xfe\xff"):
        raise WarehouseError(f"{file.name} is UTF-16 with the high byte first, which is not read. Save it as UTF-8.")
    if b"\0" in start and not is_compressed and not start.startswith(b"\xff\xfe"):
        raise WarehouseError(f"{file.name} is not text, or UTF-16 that does not say so. Save it as UTF-8.")


def _is_nested(data_type: str) -> bool:
    return data_type.startswith(("STRUCT", "MAP", "UNION")) or data_type.endswith("]")


def _columns(connection: duckdb.DuckDBPyConnection, file: Path, query: str) -> dict[str, str]:
    return {row[0]: row[1] for row in _query(connection, file, f"describe {query}")}


def _query(connection: duckdb.DuckDBPyConnection, file: Path, query: str) -> list[tuple]:
    try:
        return connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise WarehouseError(f"{file.name} cannot be read: {_reason(file, str(error))} Nothing was loaded.") from error


def _reason(file: Path, message: str) -> str:
    """What DuckDB says about a broken file, without its advice about options that nobody can give here."""
    if "state machine reached an invalid state" in message:
        return "its lines end in different ways, or quotes are misplaced. Save it anew from one program."
    ragged = re.search(r"on Line: (\d+)\nOriginal Line: (.*)\nExpected Number of Columns: (\d+) Found: (\d+)", message)
    if ragged:
        line, content, expected, found = ragged.groups()
        return (
            f"line {line} has {'more' if int(found) > int(expected) else 'fewer'} values than the first line, which has"
            f" {expected}: {content.strip()[:200]!r}. Mend or delete it; a value that holds the delimiter needs quotes."
        )
    if "No magic bytes" in message:
        return "it is not Parquet, whatever its name, or not all of it."
    said = re.split(r"\n\s*\n|\nPossible|\n\s*LINE 1:", message)[0]
    said = re.sub(r"^(\w+ )+Error: ", "", said).replace(str(file), file.name)
    if "unterminated quote" in message:
        said = f"{UNCLOSED_QUOTE}\n{said}"
    shown = [line.strip()[:200] for line in said.splitlines() if line.strip()]
    return "; ".join(shown[:3]).rstrip(".") + "."


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


def _refuse_ambiguous(file: Path, table: RawTable, landed_columns: dict[str, str], export: _Export) -> None:
    """Objects and repeated names are harmless in columns that are not read."""
    known = {column.lower() for column in table.columns}
    for name, column in landed_columns.items():
        if column in export.repeated and name.lower() in known:
            raise WarehouseError(
                f"{file.name} has two columns named '{column.strip()}': give one another name in the file."
                " Nothing was loaded."
            )
        if column in export.nested and name.lower() in known:
            raise WarehouseError(
                f"{file.name}: the column '{column}' holds objects or lists, where {table.system} {table.name} needs"
                " single values. Export one flat row each. Nothing was loaded."
            )


def _require_columns(file: Path, table: RawTable, landed_columns: dict[str, str], nested: frozenset[str]) -> None:
    present = {column.lower() for column in landed_columns}
    missing = [column for column in table.required if column.lower() not in present]
    if not missing:
        return
    known = {column.lower() for column in table.columns}
    spare = {_bare(n): n for n, column in landed_columns.items() if n.lower() not in known and column not in nested}
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
        + ("" if present & known else " The column names have to be the first line of the file.")
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
    landed_types = _landed_types(connection, target)
    columns = ", ".join(
        f"{_landed_value(column, export.columns[column], landed_types.get(name.lower()))} as {_identifier(name)}"
        for name, column in landed_columns.items()
    )
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


def _landed_types(connection: duckdb.DuckDBPyConnection, target: Path) -> dict[str, str]:
    """Column in lower case -> its type in the other batches of the table."""
    batches = [str(path) for path in target.parent.glob("*.parquet") if path != target]
    if not batches:
        return {}
    described = connection.execute("describe from read_parquet(?, union_by_name = true)", [batches]).fetchall()
    return {row[0].lower(): row[1] for row in described}


def _landed_value(column: str, data_type: str, landed_type: str | None) -> str:
    """The value as given, or as text if batches of unlike types would have to be read as one.

    DuckDB would read timestamps without zone as UTC beside ones with a zone, round long ids beside decimals, and fail
    on text beside objects.
    """
    value = _identifier(column)
    if _is_nested(data_type):
        return f"cast(to_json({value}) as varchar)"
    if data_type == "BLOB" or landed_type not in (None, data_type):
        return f"cast({value} as varchar)"
    return value


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
