"""Which files a user means, and which raw table each belongs to."""

import glob
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.load.names import folded
from warehouse.load.readers import FILE_SUFFIXES, kind_of
from warehouse.project import RawTable, raw_tables


def find_files(paths: Iterable[str]) -> tuple[list[Path], list[Path]]:
    """The files of paths, patterns and folders, each once, by name; what is loaded later counts as corrected.

    Returns:
        Files to load, and files of folders that are none of the kinds that can be loaded.

    Raises:
        WarehouseError: a path leads to nothing.
    """
    chosen: dict[Path, None] = {}
    skipped: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(path)))
            loadable = [p for p in inside if kind_of(p) in FILE_SUFFIXES]
            if not loadable:
                raise WarehouseError(f"The folder {given} holds no CSV, TSV, JSON lines or Parquet files.")
            chosen |= dict.fromkeys(loadable)
            skipped |= dict.fromkeys(p for p in inside if p not in loadable)
        elif path.exists():
            chosen[path] = None
        elif glob.has_magic(given):
            # Path.glob takes no pattern that begins at the root
            names = glob.glob(given, recursive=True)  # noqa: PTH207
            found = sorted(Path(name) for name in names if Path(name).is_file())
            if not found:
                raise WarehouseError(f"No file fits the pattern {given}.")
            chosen |= dict.fromkeys(found)
        else:
            raise WarehouseError(f"There is no file {given}.")
    return list(chosen), list(skipped)


def choose_table(system: str, file: Path, table_name: str | None) -> RawTable:
    """The raw table a file belongs to: the one named, the system's only one, or the one the file is named after.

    A file is named after a table when its name, dates and numbers aside, begins with the table's: `orders_2026-01.csv`
    and `2026_orders (2).csv` are orders. Failing that, the folder it lies in may bear the table's name.

    Raises:
        WarehouseError: there is no such file, system or table, or the choice is open.
    """
    if file.is_dir():
        raise WarehouseError(f"{file} is a folder: choose one of its files.")
    if not file.is_file():
        raise WarehouseError(f"There is no file {file}.")
    if file.stat().st_size == 0:
        raise WarehouseError(f"{file.name} is empty: not even a header row.")
    return table_named(system, file.name, table_name or _named_after(file, raw_tables(system)))


def table_named(system: str, export: str, table_name: str | None) -> RawTable:
    """The raw table of a name; without one the system's only table, or the one that the export's name is.

    Raises:
        WarehouseError: there is no such system or table, or the choice is open.
    """
    tables = raw_tables(system)
    if table_name is None and len(tables) == 1:
        return next(iter(tables.values()))
    name = table_name or export.split(".")[0].lower()
    if name in tables:
        return tables[name]
    near = get_close_matches(name, tables, n=1)
    raise WarehouseError(
        f"The system '{system}' has no table '{name}'"
        + (f"; did you mean '{near[0]}'? " if near else ". ")
        + f"Say which table {export} is with --table, one of: {', '.join(tables)}."
    )


def _named_after(file: Path, tables: Iterable[str]) -> str | None:
    words = re.findall(r"[^\W\d_]+", folded(file.name.split(".")[0]))
    fitting = [table for table in tables if words[: len(table.split("_"))] == table.split("_")]
    folder = file.resolve().parent.name.lower()
    return max(fitting, key=len, default=folder if folder in tables else None)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
