"""What the raw suite looks at: each raw table summed up, its newest load against the loads before.

Great Expectations asks one question at a time, which on raw tables would mean to read them once a check and column. So
each table is read once or twice here, and the expectations are about these small tables:

- `raw_loads`: one row per load (batch) of a raw table
- `raw_tables`: one row per raw table, with the newest day that its clock knows
- `raw_columns`: one row per column of a raw table
- `raw_codes`: one row per value of the columns that have few
- `raw_values`: the rows behind a suspicion: outsized numbers, broken text, times in another format, personal data that
  was not hashed or dropped

The values of columns tagged as personal are never shown.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.engine import connected
from warehouse.load.batches import table_folder
from warehouse.load.columns import ORIGIN_COLUMNS
from warehouse.load.contract_types import ContractTypes
from warehouse.load.sql import identifier, literal
from warehouse.privacy import ADDRESS_IN_TEXT, rule_of
from warehouse.project import PROJECT_ROOT, RawTable, dbt_variables, raw_tables
from warehouse.workspace import Workspace

PROFILE_SCHEMA = "raw_profile"
SAMPLE_ROWS = 2000
# a column is what so many of its sampled values are
MOST = 0.9
# values of the sample up to which a column is one of codes
MOST_CODES = 40
SHOWN_ROWS = 5
WRITTEN_ROWS = 500
# the least suspicion: the checks decide from where on it is one
OUTSIZED = 10
# UTF-8 that was read as Latin-1 or Windows-1252, and what stands for bytes that could not be read at all
BROKEN_TEXT = "[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\ufffd"
TIME_LIKE = "^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"

TABLES = f"""
create schema {PROFILE_SCHEMA};
create table {PROFILE_SCHEMA}.raw_loads (
    system_name varchar, table_name varchar, batch_id varchar, source_file varchar, rows bigint, load_number bigint,
    is_newest boolean, earlier_loads bigint, usual_rows double
);
create table {PROFILE_SCHEMA}.raw_tables (
    system_name varchar, table_name varchar, entity varchar, rows bigint, loads bigint, newest_on date,
    reference_on date, days_behind bigint
);
create table {PROFILE_SCHEMA}.raw_columns (
    system_name varchar, table_name varchar, column_name varchar, kind varchar, is_id boolean,
    newest_rows bigint, newest_filled bigint, newest_median double,
    earlier_rows bigint, earlier_filled bigint, earlier_median double
);
create table {PROFILE_SCHEMA}.raw_codes (
    system_name varchar, table_name varchar, column_name varchar, code varchar, newest_rows bigint, earlier_rows bigint,
    newest_filled bigint, earlier_filled bigint, source_file varchar, row_number bigint
);
create table {PROFILE_SCHEMA}.raw_values (
    system_name varchar, table_name varchar, column_name varchar, problem varchar, source_file varchar,
    row_number bigint, value varchar, usual_value double, filled bigint
);
"""


@dataclass(frozen=True)
class _Column:
    """A column as its sample says.

    Attributes:
        name: in the raw table.
        kind: number, time, code or text.
        is_text: whether its values were landed as text.
    """

    name: str
    kind: str
    is_text: bool

    @property
    def number(self) -> str:
        """Its value as a number."""
        return f"try_cast({identifier(self.name)} as double)"


@dataclass
class _Profile:
    """Rows of the tables above, collected."""

    connection: duckdb.DuckDBPyConnection
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, *rows: tuple[Any, ...]) -> None:
        self.rows.setdefault(table, []).extend(rows)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def write(self) -> None:
        for table, rows in self.rows.items():
            # many rows a statement: one by one they would take longer than all that was read for them
            for start in range(0, len(rows), WRITTEN_ROWS):
                part = rows[start : start + WRITTEN_ROWS]
                marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in part)
                values = [value for row in part for value in row]
                self.connection.execute(f"insert into profile.{PROFILE_SCHEMA}.{table} values {marks}", values)


def write_profile(workspace: Workspace, target: Path, today: date | None = None) -> None:
    """Sums up every raw table of the enabled systems, in a new database.

    Args:
        workspace: the company.
        target: the file to write.
        today: the day to count freshness from; see `warehouse.audit.audit_raw`.
    """
    with connected(workspace) as connection:
        connection.execute(f"attach {literal(str(target))} as profile")
        connection.execute("use profile")
        connection.execute(TABLES)
        connection.execute("use memory")
        profile = _Profile(connection)
        newest: dict[RawTable, tuple[int, int, date | None]] = {}
        latest = {**dbt_variables(), **workspace.settings.variables}["plausible_until"]
        for system in workspace.enabled_systems:
            types = ContractTypes(workspace, system)
            for table in raw_tables(system).values():
                columns = _open_table(connection, workspace, table)
                if columns is None:
                    continue
                loads = _add_loads(profile, table)
                if table_folder(workspace, table).is_dir():
                    _add_personal(profile, table, columns)
                rows = sum(load[4] for load in loads)
                if rows:
                    _add_columns(profile, table, _kinds(profile, table, columns))
                newest[table] = rows, len(loads), _newest_day(profile, types, latest, table, columns)
        _add_tables(profile, newest, today or workspace.settings.as_of)
        profile.write()


def _open_table(connection: duckdb.DuckDBPyConnection, workspace: Workspace, table: RawTable) -> dict[str, str] | None:
    """Makes `raw_rows` of a raw table, and `raw_batches` of its loads.

    Returns:
        Its columns with their types; None when nothing was loaded.
    """
    connection.execute("drop view if exists raw_rows; drop table if exists raw_text; drop table if exists raw_batches")
    variables = {**dbt_variables(), **workspace.settings.variables}
    if table.system.startswith("demo_") and variables["demo_data"] == "seeds":
        return _open_seed(connection, table)
    files = sorted(str(path) for path in table_folder(workspace, table).glob("*.parquet"))
    if not files:
        return None
    listed = "[" + ", ".join(map(literal, files)) + "]"
    scan = f"read_parquet({listed}, union_by_name = true, filename = '_landed_file', file_row_number = true)"
    described = {row[0]: row[1] for row in connection.execute(f"describe from {scan}").fetchall()}
    fallbacks = {
        "_batch_id": "parse_filename(_landed_file, true)",
        "_source_file": "parse_filename(_landed_file)",
        "_row_number": "file_row_number + 1",
        "_loaded_at": "cast(null as timestamp)",
    }
    origin = ", ".join(
        f"coalesce({name}, {fallback}) as {name}" if name in described else f"{fallback} as {name}"
        for name, fallback in fallbacks.items()
    )
    columns = {
        name: data_type
        for name, data_type in described.items()
        if name not in (*ORIGIN_COLUMNS, "_landed_file", "file_row_number")
    }
    values = "".join(f"{identifier(name)}, " for name in columns)
    # a load without rows has a file, and nothing else to be known by
    connection.execute(f"""
        create temp table raw_batches as
        with landed as (
            select parse_filename(file_name, true) as batch_id, parse_filename(file_name) as file, num_rows as rows
            from parquet_file_metadata({listed})
        ),
        told as (
            select parse_filename(_landed_file, true) as batch_id, min(_source_file) as source_file,
                max(_loaded_at) as loaded_at
            from (select _landed_file, {origin} from {scan})
            group by all
        )
        select landed.batch_id, coalesce(told.source_file, landed.file) as source_file, told.loaded_at, landed.rows
        from landed left join told using (batch_id)
    """)
    connection.execute(f"""
        create temp view raw_rows as
        select {values}{origin}, parse_filename(_landed_file, true) = {_newest_batch()} as _is_newest from {scan}
    """)
    return columns


def _open_seed(connection: duckdb.DuckDBPyConnection, table: RawTable) -> dict[str, str]:
    """The demo company's files, which are its raw lake."""
    seed = f"{table.system}__{table.name}"
    file = PROJECT_ROOT / "seeds" / table.system / f"{seed}.csv"
    connection.execute(f"""
        create temp table raw_text as
        select *, row_number() over () + 1 as _row_number
        from read_csv({literal(str(file))}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"')
    """)
    columns = [row[0] for row in connection.execute("describe raw_text").fetchall() if row[0] != "_row_number"]
    (rows,) = connection.execute("select count(*) from raw_text").fetchone()
    connection.execute(
        f"create temp table raw_batches as select {literal(seed)} as batch_id, {literal(file.name)} as source_file,"
        f" cast(null as timestamp) as loaded_at, {rows} as rows"
    )
    connection.execute(f"""
        create temp view raw_rows as
        select *, {literal(seed)} as _batch_id, {literal(file.name)} as _source_file,
            cast(null as timestamp) as _loaded_at, true as _is_newest
        from raw_text
    """)
    return dict.fromkeys(columns, "VARCHAR")


def _newest_batch() -> str:
    return "(select batch_id from raw_batches where rows > 0 order by loaded_at desc nulls last, batch_id limit 1)"


def _add_loads(profile: _Profile, table: RawTable) -> list[tuple[Any, ...]]:
    """Loads by age. The one to judge is the newest: what came before has been built on."""
    loads = profile.fetch(f"""
        with numbered as (
            select *, row_number() over (order by loaded_at nulls first, batch_id) as load_number from raw_batches
        )
        select {literal(table.system)}, {literal(table.name)}, batch_id, source_file, rows, load_number,
            coalesce(batch_id = {_newest_batch()}, false) as is_newest,
            count(*) over before as earlier_loads,
            median(rows) over before as usual_rows
        from numbered
        window before as (order by load_number rows between unbounded preceding and 1 preceding)
        order by load_number
    """)
    profile.add("raw_loads", *loads)
    return loads


def _kinds(profile: _Profile, table: RawTable, columns: dict[str, str]) -> list[_Column]:
    """What each column holds, by the first rows."""
    personal = {name.lower() for name in table.personal}
    looked_at = [name for name in columns if name.lower() not in personal]
    if not looked_at:
        return []
    texts = ", ".join(
        f"nullif(trim(cast({identifier(name)} as varchar)), '') as c{i}" for i, name in enumerate(looked_at)
    )
    asked = ", ".join(
        f"count(c{i}), count(try_cast(c{i} as double)), count(*) filter (regexp_matches(c{i}, '{TIME_LIKE}')),"
        f" count(distinct c{i})"
        for i in range(len(looked_at))
    )
    (answers,) = profile.fetch(f"select {asked} from (select {texts} from raw_rows limit {SAMPLE_ROWS})")
    kinds = []
    for i, name in enumerate(looked_at):
        filled, numbers, times, distinct = answers[4 * i : 4 * i + 4]
        if filled == 0 or columns[name].startswith(("STRUCT", "MAP", "BLOB")) or columns[name].endswith("]"):
            continue
        if times >= MOST * filled:
            kind = "time"
        elif numbers >= MOST * filled:
            kind = "number"
        else:
            kind = "code" if distinct <= MOST_CODES else "text"
        kinds.append(_Column(name, kind, columns[name] == "VARCHAR"))
    return kinds


def _add_columns(profile: _Profile, table: RawTable, columns: list[_Column]) -> None:
    """One pass over the table for all columns, and one more for each column that looks odd."""
    asked = ["count(*) filter (_is_newest), count(*) filter (not _is_newest)"]
    for column in columns:
        name = identifier(column.name)
        # an empty text is as good as none
        filled = f"{name} <> ''" if column.is_text else f"{name} is not null"
        asked.append(f"count(*) filter ({filled} and _is_newest), count(*) filter ({filled} and not _is_newest)")
        if column.kind == "number":
            asked.append(f"""
                quantile_disc({column.number}, 0.5) filter (_is_newest),
                quantile_disc({column.number}, 0.5) filter (not _is_newest),
                quantile_disc(abs({column.number}), 0.99),
                max(abs({column.number})),
                approx_count_distinct({name}) > 0.5 * count({name})
                and count(*) filter ({column.number} <> floor({column.number})) = 0
            """)
        elif column.kind == "time" and column.is_text:
            asked.append(f"list(distinct {_time_format(name)}), null, null, null, null")
        elif column.kind in ("text", "code") and column.is_text:
            asked.append(f"count(*) filter (regexp_matches({name}, '{BROKEN_TEXT}')), null, null, null, null")
        else:
            asked.append("null, null, null, null, null")
    ((newest_rows, earlier_rows, *answers),) = profile.fetch(f"select {', '.join(asked)} from raw_rows")
    for i, column in enumerate(columns):
        newest_filled, earlier_filled, *told = answers[7 * i : 7 * i + 7]
        is_number = column.kind == "number"
        newest_median, earlier_median, usual, largest, is_id = told if is_number else (None,) * 5
        profile.add(
            "raw_columns",
            (
                table.system, table.name, column.name, column.kind, bool(is_id), newest_rows, newest_filled,
                newest_median, earlier_rows, earlier_filled, earlier_median,
            ),
        )  # fmt: skip
        filled = newest_filled + earlier_filled
        name = identifier(column.name)
        if is_number and usual and not is_id and largest > OUTSIZED * usual:
            _add_values(profile, table, column, "outsized", "true", f"abs({column.number}) desc", usual, filled)
        elif column.kind == "time" and told[0] and len([form for form in told[0] if form]) > 1:
            commonest = f"(select mode({_time_format(name)} order by {_time_format(name)}) from raw_rows)"
            odd = f"{_time_format(name)} <> {commonest}"
            _add_values(profile, table, column, "time_format", odd, "_is_newest desc", None, filled)
        elif column.kind in ("text", "code") and told[0]:
            broken = f"regexp_matches({name}, '{BROKEN_TEXT}')"
            _add_values(profile, table, column, "broken_text", broken, "_is_newest desc", None, filled)
        if column.kind == "code":
            _add_codes(profile, table, column, newest_filled, earlier_filled)


def _time_format(name: str) -> str:
    """The mark between the parts of a day, and whether the year comes first; none of what is no day at all."""
    return (
        f"nullif(regexp_extract({name}, '^[0-9]+([-/.])', 1), '')"
        f" || case when regexp_matches({name}, '^[0-9]{{4}}') then ' year first' else ' year last' end"
    )


def _add_values(
    profile: _Profile,
    table: RawTable,
    column: _Column,
    problem: str,
    condition: str,
    order: str,
    usual: float | None,
    filled: int,
) -> None:
    name = identifier(column.name)
    rows = profile.fetch(f"""
        select _source_file, _row_number, cast({name} as varchar)
        from raw_rows
        where {condition} and {name} is not null
        order by {order} nulls last, _source_file, _row_number
        limit {SHOWN_ROWS}
    """)
    profile.add(
        "raw_values",
        *(
            (table.system, table.name, column.name, problem, file, number, value, usual, filled)
            for file, number, value in rows
        ),
    )


def _add_personal(profile: _Profile, table: RawTable, columns: dict[str, str]) -> None:
    """Rows of the lake that still say who somebody is: put there by other means than a load, or before the tag."""
    for column in columns:
        rule, name = rule_of(table, column), f"cast({identifier(column)} as varchar)"
        in_clear = {
            "hash": f"contains({name}, '@')",
            "drop": f"trim({name}) <> ''",
            "mask": f"regexp_matches({name}, {literal(ADDRESS_IN_TEXT)})",
        }.get(rule or "")
        if in_clear is None:
            continue
        rows = profile.fetch(f"""
            select _source_file, _row_number, _batch_id from raw_rows where {in_clear}
            order by _source_file, _row_number limit {SHOWN_ROWS}
        """)
        profile.add(
            "raw_values",
            *(
                (table.system, table.name, column, "in_clear", file, number, f"in load {batch}", None, None)
                for file, number, batch in rows
            ),
        )


def _add_codes(profile: _Profile, table: RawTable, column: _Column, newest_filled: int, earlier_filled: int) -> None:
    name = identifier(column.name)
    rows = profile.fetch(f"""
        select
            cast({name} as varchar) as code,
            count(*) filter (_is_newest),
            count(*) filter (not _is_newest),
            min((_source_file, _row_number)) as first_place
        from raw_rows
        where {name} is not null and trim(cast({name} as varchar)) <> ''
        group by code
        order by code
    """)
    profile.add(
        "raw_codes",
        *(
            (table.system, table.name, column.name, code, newest, earlier, newest_filled, earlier_filled, *place)
            for code, newest, earlier, place in rows
        ),
    )


def _newest_day(
    profile: _Profile, types: ContractTypes, latest: str, table: RawTable, columns: dict[str, str]
) -> date | None:
    """The newest day of the table's clock that can be: a typing error is no news."""
    clock = next((name for name in columns if table.clock and name.lower() == table.clock.lower()), None)
    if clock is None:
        return None
    moment = types.typed("clock", "timestamp")
    ((newest,),) = profile.fetch(f"""
        select max({moment}) filter (
            ({moment}) <= coalesce(_loaded_at + interval 2 day, timestamp {literal(str(latest))})
        )
        from (select {types.trimmed(identifier(clock))} as clock, _loaded_at from raw_rows)
    """)
    return newest and newest.date()


def _add_tables(
    profile: _Profile, newest: dict[RawTable, tuple[int, int, date | None]], stated_for: date | None
) -> None:
    """Freshness counts from a day that does not depend on today: a lake that is looked at again says the same again.

    Without a day to state numbers for it is the newest one that two tables have reached, so that one date of next year,
    typed by mistake, does not make everything else look old.
    """
    days = sorted((day for _, _, day in newest.values() if day), reverse=True)
    reference = stated_for or (days[min(1, len(days) - 1)] if days else None)
    for table, (rows, loads, day) in newest.items():
        behind = max((reference - day).days, 0) if reference and day else None
        for entity in table.entities:
            profile.add("raw_tables", (table.system, table.name, entity, rows, loads, day, reference, behind))
