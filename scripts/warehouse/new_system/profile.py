"""What is in an export: its columns, and samples of their values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.readers import Export, read_file, run
from warehouse.load.shapes import (
    ALL_FORMATS,
    ISO_TIME,
    PLAIN_NUMBER,
    has_decimal_comma,
    has_signs,
    is_number,
    reads,
)
from warehouse.load.sql import identifier

SAMPLE_ROWS = 20_000
DISTINCT_VALUES = 1_000
# a column is what so many of its rows are
MOST = 0.9
PROBED_VALUES = 5
BOOLEANS = {"true", "false", "yes", "no", "t", "f", "y", "n", "0", "1"}
# What would end a name or a text in SQL, YAML or Jinja, and what nobody can see.
UNSAFE = re.compile(r"[\"'`{}\\\x00-\x1f\x7f]|--|/\*|\*/")


@dataclass(frozen=True)
class Column:
    """A column of an export. What it is, most rows tell: a few broken values hide no numbers and no times.

    Attributes:
        name: its name in the lake.
        counts: rows by value, of the commonest values of the sample that are not blank.
        is_unique: whether no value of the sample repeats and none is blank.
        is_read: whether it can be named in a model: objects, names twice and names with odd signs cannot.
    """

    name: str
    counts: dict[str, int]
    is_unique: bool
    is_read: bool

    @property
    def values(self) -> list[str]:
        """The values, the commonest first."""
        return list(self.counts)

    def _share(self, fits: Callable[[str], object]) -> float:
        """The share of the rows with a value whose value fits."""
        return sum(rows for value, rows in self.counts.items() if fits(value)) / max(sum(self.counts.values()), 1)

    @cached_property
    def time_formats(self) -> list[str]:
        """The formats that read most rows; empty for what is no time, and for what staging reads by itself."""
        if self.is_iso_time:
            return []
        likely = [f for f in ALL_FORMATS if any(reads(f, value) for value in self.values[:PROBED_VALUES])]
        shares = {pattern: self._share(lambda value, p=pattern: reads(p, value)) for pattern in likely}
        most = max(shares.values(), default=0)
        return [pattern for pattern, share in shares.items() if share == most] if most >= MOST else []

    @cached_property
    def is_iso_time(self) -> bool:
        """Whether values are times as staging reads them."""
        return self._share(lambda value: ISO_TIME.fullmatch(value.strip())) >= MOST

    @property
    def is_time(self) -> bool:
        """Whether values are times."""
        return self.is_iso_time or bool(self.time_formats)

    @cached_property
    def number_style(self) -> str:
        """How numbers are written: plain, comma, signs; empty for what is no number."""
        if self._share(is_number) < MOST:
            return ""
        numbers = [value for value in self.values if is_number(value)]
        if all(PLAIN_NUMBER.fullmatch(value.strip()) for value in numbers):
            return "plain"
        if has_decimal_comma(numbers):
            return "comma"
        return "signs" if has_signs(numbers) else ""

    @property
    def is_whole(self) -> bool:
        """Whether values are whole numbers."""
        return self._share(lambda value: re.fullmatch(r"[+-]?\d+(\.0*)?", value.strip())) >= MOST

    @property
    def is_boolean(self) -> bool:
        """Whether every value is a yes or a no."""
        return {value.strip().lower() for value in self.values} <= BOOLEANS

    @property
    def has_addresses(self) -> bool:
        """Whether values are e-mail addresses."""
        return any(re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", value.strip()) for value in self.values)


@dataclass(frozen=True)
class Profile:
    """An export and its columns."""

    file: Path
    columns: tuple[Column, ...]


def profile_of(file: Path) -> Profile:
    """Looks at the first rows of a file.

    Raises:
        WarehouseError: it cannot be read.
    """
    if file.stat().st_size == 0:
        raise WarehouseError(f"{file.name} is empty: not even a header row.")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        return read_file(connection, file, False, lambda export: _profile(connection, file, export))


def _profile(connection: duckdb.DuckDBPyConnection, file: Path, export: Export) -> Profile:
    names = list(export.columns)
    texts = ", ".join(f"cast({identifier(name)} as varchar) as c{i}" for i, name in enumerate(names))
    query = f"select {texts} from {export.scan} limit {SAMPLE_ROWS}"
    # a row that is there twice makes no key less of one: a build merges it
    run(connection, export.name, f"create or replace temp table sample as select distinct * from ({query})")
    (rows,) = connection.execute("select count(*) from sample").fetchone()
    return Profile(
        file,
        tuple(
            _column(connection, f"c{i}", name, rows, name not in export.nested | export.repeated)
            for i, name in enumerate(names)
        ),
    )


def _column(connection: duckdb.DuckDBPyConnection, field: str, name: str, rows: int, is_plain: bool) -> Column:
    filled, distinct = connection.execute(
        f"select count(*), count(distinct {field}) from sample where trim({field}) <> ''"
    ).fetchone()
    counts = connection.execute(
        f"select {field}, count(*) from sample where trim({field}) <> ''"
        f" group by {field} order by count(*) desc, {field} limit {DISTINCT_VALUES}"
    ).fetchall()
    return Column(
        name.strip(),
        dict(counts),
        is_unique=rows > 0 and filled == distinct == rows,
        is_read=is_plain and not UNSAFE.search(name.strip()),
    )
