"""How an export file is read: its dialect is read off the file, and a file that cannot be read says why."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.sql import identifier, literal

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
COMPRESSED_SUFFIXES = (".gz", ".zst")
FILE_SUFFIXES = (*TEXT_SUFFIXES, *JSON_SUFFIXES, ".parquet")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}

Result = TypeVar("Result")


@dataclass(frozen=True)
class Export:
    """Something that can be read as a table.

    Attributes:
        name: what to call it to the user.
        scan: SQL that yields its rows.
        columns: its columns with their types.
        row_number: SQL of a row's place in it; None when only the order of the rows tells.
        first_row: the place of the first row.
        bytes: size of the file; None when there is none.
        nested: columns that hold objects.
        repeated: columns whose name it has twice.
        facts: how it was read, such as the delimiter found.
        may_hold_nul: the values have to be searched for NUL bytes, which no text has.
        metadata: what the batch shall remember of it.
    """

    name: str
    scan: str
    columns: dict[str, str]
    row_number: str | None = None
    first_row: int = 1
    bytes: int | None = None
    nested: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ()
    may_hold_nul: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


class _WrongEncodingError(WarehouseError):
    """The file is in another encoding than it was read in."""


class _UnclosedQuoteError(WarehouseError):
    """A quote is opened and not closed, as quotes are understood."""


def kind_of(file: Path) -> str:
    """The suffix that says what the file holds, in lower case, whether it is compressed or not."""
    return next((s for s in reversed([s.lower() for s in file.suffixes]) if s not in COMPRESSED_SUFFIXES), "")


def read_file(
    connection: duckdb.DuckDBPyConnection, file: Path, has_nul: bool, use: Callable[[Export], Result]
) -> Result:
    """Finds out how to read a file and reads it. All values of text files stay text: the contract decides on types.

    Whether the dialect is right is known at the end of the file only: `use` is called again with the next one.

    Args:
        connection: where the SQL of the export runs.
        file: CSV, TSV, JSON lines or Parquet; text files may be compressed.
        has_nul: whether the bytes of the file hold NULs.
        use: reads the export whole.

    Raises:
        WarehouseError: the file cannot be read.
    """
    kind = kind_of(file)
    if kind == ".parquet":
        return use(_open_parquet(connection, file))
    if kind not in FILE_SUFFIXES:
        raise WarehouseError(
            f"{file.name}: files of type '{kind}' cannot be loaded. Save it as CSV, TSV, JSON lines or Parquet."
        )
    is_compressed = file.suffix.lower() in COMPRESSED_SUFFIXES
    _refuse_disguised(file, is_compressed)
    if kind in JSON_SUFFIXES:
        return use(_open_json(connection, file))
    return _read_text(connection, file, has_nul or is_compressed, use)


def run(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> list[tuple]:
    """Runs a query that reads an export.

    Raises:
        WarehouseError: the export cannot be read; the message is about the file and not about DuckDB's options.
    """
    try:
        return connection.execute(query).fetchall()
    except duckdb.Error as error:
        message = str(error)
        kind = WarehouseError
        if re.search(r"not (utf-8|utf-16|latin-1)", message):
            kind = _WrongEncodingError
        if "unterminated quote" in message:
            kind = _UnclosedQuoteError
        raise kind(f"{name} cannot be read: {_reason(name, message)} Nothing was loaded.") from error


def _open_parquet(connection: duckdb.DuckDBPyConnection, file: Path) -> Export:
    scan = f"read_parquet({literal(str(file))}, file_row_number = true)"
    columns = _columns(connection, file, f"select * exclude (file_row_number) from {scan}")
    nested = frozenset(column for column, data_type in columns.items() if is_nested(data_type))
    return Export(file.name, scan, columns, row_number="file_row_number + 1", nested=nested, facts=("Parquet",))


def _open_json(connection: duckdb.DuckDBPyConnection, file: Path) -> Export:
    """JSON lines, or one array of objects. DuckDB's guesses at types would drop digits of long ids and zone offsets."""
    name = literal(str(file))
    guessed = _columns(connection, file, f"select * from read_json({name}, sample_size = -1)")
    if list(guessed) == ["json"]:
        raise WarehouseError(f'{file.name} holds no objects: JSON lines have one object a row, as {{"column": value}}.')
    as_text = ", ".join(f"{identifier(column)}: 'varchar'" for column in guessed)
    scan = f"read_json({name}, columns = {{{as_text}}})"
    nested = {column for column, data_type in guessed.items() if is_nested(data_type)}
    # the type of a column that holds objects in some rows only
    for column in (column for column, data_type in guessed.items() if data_type == "JSON"):
        found = run(connection, file.name, f"select 1 from {scan} where {identifier(column)} ~ '^[{{\\[]' limit 1")
        nested |= {column} if found else set()
    return Export(
        file.name,
        scan,
        dict.fromkeys(guessed, "VARCHAR"),
        bytes=file.stat().st_size,
        nested=frozenset(nested),
        facts=("JSON",),
    )


def _read_text(
    connection: duckdb.DuckDBPyConnection, file: Path, may_hold_nul: bool, use: Callable[[Export], Result]
) -> Result:
    with file.open("rb") as content:
        is_utf_16 = content.read(2) == b"\xff\xfe"
    if is_utf_16:
        return _read_encoded_text(connection, file, "utf-16", True, use)
    # Spreadsheets on Windows save in Latin-1, or with the signs that Windows adds to it, which DuckDB refuses.
    for encoding in ("utf-8", "latin-1"):
        try:
            return _read_encoded_text(connection, file, encoding, may_hold_nul, use)
        except _WrongEncodingError:
            continue
    raise WarehouseError(
        f"{file.name} is neither UTF-8 nor Latin-1 text. If it is text, save it as UTF-8;"
        " spreadsheets call that 'CSV UTF-8'."
    )


def _read_encoded_text(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    encoding: str,
    may_hold_nul: bool,
    use: Callable[[Export], Result],
) -> Result:
    """Reads the dialect off the header instead of letting DuckDB guess it.

    Its guess fits the file at any price: it takes a stray quote for a part of the value, a line that begins with # for
    a comment, and skips what comes before the longest run of equal rows, all without a word.
    """
    read = f"read_csv({literal(str(file))}, auto_detect = false, encoding = {literal(encoding)}"
    whole_lines = "delim = '\x01', quote = '', escape = '', header = false, strict_mode = false"
    query = f"from {read}, {whole_lines}, columns = {{'line': 'varchar'}}) limit 50"
    lines = [line for (line,) in run(connection, file.name, query) if line and line.strip()]
    if not lines:
        raise WarehouseError(f"{file.name} has only blank lines: not even a header row.")
    delimiter = _delimiter(lines)
    quote = "'" if lines[0].startswith("'") else '"'
    columns, repeated = _header(lines, delimiter, quote)
    as_text = ", ".join(f"{literal(column)}: 'varchar'" for column in columns)
    dialect = f"delim = {literal(delimiter)}, quote = {literal(quote)}, header = true, columns = {{{as_text}}}"
    export = Export(
        file.name,
        f"{read}, {dialect}, escape = {literal(quote)})",
        dict.fromkeys(columns, "VARCHAR"),
        # the header is row 1 of the file
        first_row=2,
        bytes=file.stat().st_size,
        repeated=repeated,
        facts=_facts(encoding, delimiter, len(columns)),
        may_hold_nul=may_hold_nul,
    )
    try:
        return use(export)
    except _UnclosedQuoteError as error:
        # some databases write \" for a quote in a value
        try:
            return use(replace(export, scan=f"{read}, {dialect}, escape = '\\')"))
        except WarehouseError:
            raise error from None


def _facts(encoding: str, delimiter: str, columns: int) -> tuple[str, ...]:
    said = "UTF-8" if encoding == "utf-8" else f"the file is not UTF-8; it was read as {ENCODINGS[encoding]}"
    return (f"delimiter {DELIMITERS[delimiter]}", said, f"a header of {columns} columns")


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


def _delimiter(lines: list[str]) -> str:
    """The mark found most often in the header and in the row below it, outside quotes."""
    header, row = (re.sub('"[^"]*"', "", line) for line in (lines + lines[:1])[:2])
    return max(DELIMITERS, key=lambda mark: (min(header.count(mark), row.count(mark)), header.count(mark)))


def _refuse_disguised(file: Path, is_compressed: bool) -> None:
    """Says what a file is whose name says otherwise; its bytes would make a riddle of an error."""
    with file.open("rb") as content:
        start = content.read(64)
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise WarehouseError(f"{file.name} is a web page, whatever its name: log in, then export again.")
    if start.startswith(b"PK\x03\x04"):
        raise WarehouseError(f"{file.name} is a workbook or a zip archive, whatever its name: save the sheet as CSV.")
    if start.startswith(b"PAR1"):
        raise WarehouseError(f"{file.name} is Parquet, whatever its name: name it .parquet.")
    if start.startswith(b"\x1f\x8b") and not is_compressed:
        raise WarehouseError(f"{file.name} is compressed, whatever its name: name it {file.name}.gz.")
    if start.startswith(b"\x28\xb5\x2f\xfd") and not is_compressed:
        raise WarehouseError(f"{file.name} is compressed, whatever its name: name it {file.name}.zst.")
    if start.startswith(b"\xfe\xff"):
        raise WarehouseError(f"{file.name} is UTF-16 with the high byte first, which is not read. Save it as UTF-8.")
    if b"\0" in start[:4] and not is_compressed and not start.startswith(b"\xff\xfe"):
        raise WarehouseError(f"{file.name} is not text, or UTF-16 that does not say so. Save it as UTF-8.")


def is_nested(data_type: str) -> bool:
    """Whether values of a type are objects or lists."""
    return data_type.startswith(("STRUCT", "MAP", "UNION")) or data_type.endswith("]")


def _columns(connection: duckdb.DuckDBPyConnection, file: Path, query: str) -> dict[str, str]:
    return {row[0]: row[1] for row in run(connection, file.name, f"describe {query}")}


def _reason(name: str, message: str) -> str:
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
    said = re.sub(r"^(\w+ )+Error: ", "", said)
    said = re.sub(rf"[^\s\"']*/{re.escape(name)}", lambda _: name, said)
    if "unterminated quote" in message:
        said = f"a quote is opened and not closed\n{said}"
    shown = [line.strip()[:200] for line in said.splitlines() if line.strip()]
    return "; ".join(shown[:3]).rstrip(".") + "."
