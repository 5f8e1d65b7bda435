"""Writes the demo company: small CSV seeds for dbt, or Parquet of any size for the raw lake."""

import csv
import io
import multiprocessing
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from warehouse.demo.company import SEED, generate, generate_part, part_count
from warehouse.demo.tables import COLUMNS, Name, Table
from warehouse.privacy import DEMO_SALT, landed_without_secret, set_salt

Progress = Callable[[int, int], None]

LOADED_AT = "2026-09-19 04:00:00"
BATCH = "demo"
# A Parquet file is begun anew after so many rows, which bounds the text that waits to be compressed.
ROWS_PER_FILE = 2_000_000


def write_seeds(folder: Path) -> dict[Path, int]:
    """Writes the company of scale 1 to `<folder>/<system>/<system>__<table>.csv`; an empty field is null.

    Returns:
        Rows by file.
    """
    written = {}
    for name, table in generate().items():
        path = folder / name[0] / f"{'__'.join(name)}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        header = ",".join(table.columns) + "\n"
        path.write_text(header + _as_csv(table), encoding="utf-8", newline="")
        written[path] = len(table.rows)
    return written


def write_lake(
    folder: Path,
    scale: float = 1.0,
    progress: Progress | None = None,
    seed: int = SEED,
    workers: int = 1,
) -> dict[Name, int]:
    """Writes a company of any scale to `<folder>/<system>/<table>/part-00000.parquet`, part-00001 and so on.

    Columns are those of the seeds, as text with null for what is empty and personal ones as `warehouse load` lands
    them, and those that every landed row has. Only a few parts of the company are in memory at a time.

    Args:
        folder: the raw lake; files of an earlier company in it are replaced.
        scale: see `generate`.
        progress: called after each part with the parts done and the parts in all.
        seed: see `generate`.
        workers: processes that generate; the files are the same for any number.

    Returns:
        Rows by table.
    """
    total = part_count(scale)
    for system, table in COLUMNS:
        for file in (folder / system / table).glob("part-*.parquet"):
            file.unlink()
    # one thread keeps the rows in order
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect(config={"threads": 1}) as connection:
        set_salt(connection, DEMO_SALT)
        landings = {name: _Landing(name, folder, Path(scratch), connection) for name in COLUMNS}
        for done, part in enumerate(_parts(scale, seed, total, workers), start=1):
            for name, (rows, text) in part.items():
                landings[name].take(rows, text)
            if progress:
                progress(done, total)
        for landing in landings.values():
            landing.flush()
    return {name: landing.rows for name, landing in landings.items()}


# Rows and their CSV text, by table.
_Part = dict[Name, tuple[int, str]]


def _parts(scale: float, seed: int, total: int, workers: int) -> Iterator[_Part]:
    """All parts in order; with workers, no more are generated ahead than two a worker."""
    generate_text = partial(_part_as_csv, scale, seed)
    if workers == 1:
        yield from map(generate_text, range(total))
        return
    # fresh processes: a copy of one that has a database open would share its locks
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        ahead: deque[Future[_Part]] = deque()
        for index in range(total):
            if len(ahead) == 2 * workers:
                yield ahead.popleft().result()
            ahead.append(pool.submit(generate_text, index))
        while ahead:
            yield ahead.popleft().result()


def _part_as_csv(scale: float, seed: int, index: int) -> _Part:
    return {name: (len(table.rows), _as_csv(table)) for name, table in generate_part(index, scale, seed).items()}


def _as_csv(table: Table) -> str:
    """Rows as CSV without a header, quoted only where needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table.rows)
    return text.getvalue()


@dataclass
class _Landing:
    """The Parquet files of one table in the making; rows wait as CSV until there are enough for a file."""

    name: Name
    folder: Path
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    rows: int = 0
    files: int = 0
    waiting: int = field(default=0, init=False)

    @property
    def _waiting_room(self) -> Path:
        return self.scratch / f"{'__'.join(self.name)}.csv"

    def take(self, rows: int, text: str) -> None:
        """Takes in some rows."""
        with self._waiting_room.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
        self.rows += rows
        self.waiting += rows
        if self.waiting >= ROWS_PER_FILE:
            self.flush()

    def flush(self) -> None:
        """Writes what waits; a table without any rows still gets a file, so that its columns are known."""
        if not self.waiting and self.files:
            return
        system, table = self.name
        target = self.folder / system / table / f"part-{self.files:05d}.parquet"
        target.parent.mkdir(parents=True, exist_ok=True)
        columns = dict.fromkeys(COLUMNS[self.name], "VARCHAR")
        landed = ", ".join(f"{value} as {column}" for column, value in landed_without_secret(system, table).items())
        self.connection.execute(f"""
            copy (
                select
                    {landed},
                    '{system}__{table}.csv' as _source_file,
                    cast(row_number() over () + {self.rows - self.waiting} as bigint) as _row_number,
                    timestamp '{LOADED_AT}' as _loaded_at,
                    '{BATCH}' as _batch_id
                from read_csv(
                    {_literal(self._waiting_room)}, header = false, auto_detect = false, delim = ',', quote = '"',
                    escape = '"', columns = {columns}
                )
            ) to {_literal(target)} (format parquet, compression zstd)
        """)
        self._waiting_room.unlink()
        self.files += 1
        self.waiting = 0


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
