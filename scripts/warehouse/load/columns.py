"""The verdict on an export: its columns and values against the contract, each finding with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.contract_types import ContractTypes
from warehouse.load.names import likely_pairs
from warehouse.load.readers import Export
from warehouse.load.shapes import has_decimal_comma, has_signs, timestamp_formats
from warehouse.load.sql import identifier, literal
from warehouse.project import RawTable
from warehouse.workspace import Workspace

ORIGIN_COLUMNS = ("_source_file", "_row_number", "_loaded_at", "_batch_id")
# a required column that is missing is worth a bold guess, an optional one is not
ALIKE_REQUIRED = 0.6
ALIKE_OPTIONAL = 0.85
SHOWN_CODES = 5


@dataclass(frozen=True)
class Misfit:
    """Values of a column that are not what the contract says.

    Attributes:
        column: the column in the lake.
        problem: what the values are not, such as `not a date`.
        rows: rows that have such a value.
        share: the same as a share of all rows.
        first_row: number of the first such row in the file.
        example: its value; empty when that is what is wrong.
        advice: what to do.
    """

    column: str
    problem: str
    rows: int
    share: float
    first_row: int
    example: str
    advice: str


@dataclass(frozen=True)
class ColumnReport:
    """How an export fits a raw table.

    Attributes:
        renamed: column of the export -> column that it probably is and that is not there.
        absent: optional columns that the export does not have.
        unused: columns that no staging model reads; they are kept all the same.
        misfits: values that staging will not be able to read.
        changes: what differs from the load before, by column.
    """

    renamed: dict[str, str]
    absent: tuple[str, ...]
    unused: tuple[str, ...]
    misfits: tuple[Misfit, ...]
    changes: tuple[tuple[str, str], ...]


def landed_columns(export: Export, table: RawTable, renames: dict[str, str]) -> dict[str, str]:
    """Column in the lake -> column of the export.

    Raises:
        WarehouseError: a rename makes no sense, two columns would have one name, a required column is missing, or one
            that is read is ambiguous.
    """
    unknown = [column for column in renames if column not in export.columns]
    if unknown:
        raise WarehouseError(
            f"{export.name} has no column '{unknown[0]}' to rename. Its columns: {', '.join(export.columns)}."
        )
    landed: dict[str, str] = {}
    taken: set[str] = set()
    for column in export.columns:
        name = renames.get(column, column).strip()
        if name.lower() in taken or name.lower() in ORIGIN_COLUMNS:
            raise WarehouseError(
                f"{export.name}: the column '{name}' would exist twice. Rename one with --rename '{column}=...'."
            )
        taken.add(name.lower())
        landed[name] = column
    _check_rename_targets(table, renames)
    _require_columns(export, table, landed)
    _refuse_ambiguous(export, table, landed)
    return landed


def report(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    table: RawTable,
    written: str,
    columns: Iterable[str],
    changes: tuple[tuple[str, str], ...] = (),
) -> ColumnReport:
    """Looks a written batch through.

    Args:
        connection: any.
        workspace: whose formats and time zones apply.
        table: the raw table.
        written: SQL that reads the batch.
        columns: its columns, without those of origin.
        changes: what differs from the load before.
    """
    names = {column.lower(): column for column in columns}
    known = {column.lower() for column in table.columns}
    absent = tuple(
        column for column in table.optional if column.lower() not in names and table.personal.get(column) != "drop"
    )
    made = {column.lower() for column in table.domain_columns}
    unused = tuple(column for lower, column in names.items() if lower not in known | made)
    renamed = likely_pairs(unused, absent, ALIKE_OPTIONAL)
    misfits = _misfits(connection, workspace, table, written, names)
    return ColumnReport(renamed, absent, unused, misfits, changes)


def _check_rename_targets(table: RawTable, renames: dict[str, str]) -> None:
    known = {column.lower(): column for column in table.columns}
    for new in renames.values():
        if new.lower() not in known:
            near = get_close_matches(new.lower(), known, n=1)
            raise WarehouseError(
                f"{table.system} {table.name} has no column '{new}' to rename to"
                + (f"; did you mean '{known[near[0]]}'?" if near else f". It has: {', '.join(table.columns)}.")
            )


def _require_columns(export: Export, table: RawTable, landed: dict[str, str]) -> None:
    present = {column.lower() for column in landed}
    missing = [column for column in table.required if column.lower() not in present]
    if not missing:
        return
    known = {column.lower() for column in table.columns}
    spare = [name for name, column in landed.items() if name.lower() not in known and column not in export.nested]
    pairs = likely_pairs(spare, missing, ALIKE_REQUIRED)
    hints = " ".join(f"--rename '{old}={new}'" for old, new in pairs.items())
    raise WarehouseError(
        f"{export.name} lacks {'the column' if len(missing) == 1 else 'the columns'} {', '.join(missing)}, "
        f"which {table.system} {table.name} needs. It has: {', '.join(landed)}. "
        + (
            f"If it is only another name, add {hints}."
            if hints
            else "Add it to the export, or rename one with --rename OLD=NEW."
        )
        + ("" if present & known else " The column names have to be the first line of the file.")
        + " Nothing was loaded."
    )


def _refuse_ambiguous(export: Export, table: RawTable, landed: dict[str, str]) -> None:
    """Objects and repeated names are harmless in columns that are not read."""
    known = {column.lower() for column in table.columns}
    for name, column in landed.items():
        if column in export.repeated and name.lower() in known:
            raise WarehouseError(
                f"{export.name} has two columns named '{column.strip()}': give one another name in the file."
                " Nothing was loaded."
            )
        if column in export.nested and name.lower() in known:
            raise WarehouseError(
                f"{export.name}: the column '{column}' holds objects or lists, where {table.system} {table.name} needs"
                " single values. Export one flat row each. Nothing was loaded."
            )


def _misfits(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    table: RawTable,
    written: str,
    names: dict[str, str],
) -> tuple[Misfit, ...]:
    """Suspects are counted for all columns in one pass over the batch; only they are looked at closely."""
    types = ContractTypes(workspace, table.system)
    checks = {
        column: check
        for column in table.columns
        if column.lower() in names
        for check in [_check(types, table, column)]
        if check
    }
    if not checks:
        return ()
    values = ", ".join(f"cast({identifier(names[column.lower()])} as varchar) as {_plain(column)}" for column in checks)
    suspects = ", ".join(f"count(*) filter ({suspect})" for suspect, _ in checks.values())
    rows, *counts = connection.execute(f"select count(*), {suspects} from (select {values} from {written})").fetchone()
    return tuple(
        misfit
        for column, count in zip(checks, counts, strict=True)
        if count
        for misfit in [
            _misfit(connection, workspace, types, table, column, written, names[column.lower()], checks[column], rows)
        ]
        if misfit
    )


def _plain(column: str) -> str:
    """A contract's column, which the macros name as it is."""
    return column if column.isidentifier() else identifier(column)


def _check(types: ContractTypes, table: RawTable, column: str) -> tuple[str, str] | None:
    """SQL that finds suspects quickly, and SQL that says of a trimmed one what it is not; none when all text fits."""
    name = _plain(column)
    data_type = table.types.get(column)
    whens, suspects = [], []
    if data_type and data_type != "varchar":
        typed = types.typed(name, data_type)
        suspects.append(types.suspect(name, data_type))
        whens.append(f"when {name} is not null and ({typed}) is null then {literal('not a ' + data_type)}")
    elif column in table.accepted_values:
        codes = ", ".join(literal(code) for code in table.accepted_values[column])
        suspects.append(f"lower({name}) not in ({codes})")
        whens.append(f"when lower({name}) not in ({codes}) then 'not one of the codes'")
    if column in table.required:
        # blank at its start, or beyond ASCII, where some blanks are: comparing whole values would take twice as long
        suspects.append(f"{name} is null or {name} < '!' or {name} > '~'")
        whens.append(f"when {name} is null then 'empty'")
    return (" or ".join(suspects), f"case {' '.join(whens)} end") if suspects else None


def _misfit(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    types: ContractTypes,
    table: RawTable,
    column: str,
    written: str,
    landed: str,
    check: tuple[str, str],
    rows: int,
) -> Misfit | None:
    name, (suspect, problem) = _plain(column), check
    text = f"cast({identifier(landed)} as varchar)"
    found = connection.execute(f"""
        with suspects as (
            select _row_number, raw_text, nullif({types.trimmed("raw_text")}, '') as {name}
            from (select _row_number, {text} as raw_text, {text} as {name} from {written})
            where {suspect}
        ),
        judged as (
            select _row_number, raw_text, {problem} as problem from suspects
        )
        select
            count(*), min(_row_number), min_by(raw_text, _row_number), min_by(problem, _row_number),
            list(distinct raw_text order by raw_text)[:200]
        from judged
        where problem is not null
    """).fetchone()
    count, first_row, example, said, distinct = found
    if not count:
        return None
    return Misfit(
        landed,
        said,
        count,
        count / rows,
        first_row,
        example or "",
        _advice(workspace, table, column, [value for value in distinct if value and value.strip()]),
    )


def _advice(workspace: Workspace, table: RawTable, column: str, values: list[str]) -> str:
    data_type = table.types.get(column, "varchar")
    if not values:
        return "every row needs it; rows without are rejected"
    if column in table.accepted_values and data_type == "varchar":
        shown = ", ".join(values[:SHOWN_CODES]) + (", ..." if len(values) > SHOWN_CODES else "")
        return f"translate {shown} to one of: {', '.join(table.accepted_values[column])}"
    if data_type in ("timestamp", "date"):
        formats = timestamp_formats(values)
        if formats:
            either = f" (or {formats[1]!r}, if the month comes first)" if len(formats) > 1 else ""
            return f"add timestamp_formats: [{formats[0]!r}] to `variables` in workspaces/{workspace.name}.yml{either}"
        return "write it as 2026-01-31 or 2026-01-31 17:05:00"
    if has_decimal_comma(values):
        return "write it with a decimal point, or let `warehouse new-system` draft a model that translates it"
    if has_signs(values):
        return "write it without signs and marks, or let `warehouse new-system` draft a model that removes them"
    return f"write a {data_type}, or leave it empty; such rows are rejected"
