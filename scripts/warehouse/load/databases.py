"""Tables of PostgreSQL, MySQL and MariaDB: streamed as text, all of them or what is past a cursor.

The database writes every value as text itself, so that no driver rounds or refuses one; the contract decides on types,
as for files. Names reach SQL only after the catalog has shown them, and quoted by SQLAlchemy.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from warehouse.errors import WarehouseError
from warehouse.load.batches import (
    Batch,
    batch_metadata,
    batches_by_age,
    connected,
    known_batch,
    landing_file,
    require_enabled,
    table_folder,
    write,
)
from warehouse.load.columns import landed_columns
from warehouse.load.readers import Export
from warehouse.load.sql import identifier, literal
from warehouse.privacy import LandingRule, rule_of
from warehouse.project import RawTable
from warehouse.workspace import Workspace

DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql",
           "mariadb": "mariadb+pymysql"}  # fmt: skip
ROWS_AT_A_TIME = 20_000
REFERENCE = re.compile(r"\$\{(\w+)\}")
SECRET_OPTIONS = ("password", "passwd", "pwd", "sslpassword")


@dataclass(frozen=True)
class Extract:
    """What to read of a database.

    Attributes:
        url: connection string; its password only as `${NAME}`, a variable of the environment.
        name: the table or view there, with its schema or without.
        cursor: column whose values grow; only rows past the highest landed one are read. None reads all.
        limit: rows to read at most, for a look.
    """

    url: str
    name: str
    cursor: str | None = None
    limit: int | None = None


def is_url(text: str) -> bool:
    """Whether a user means an address and not a file."""
    return "://" in text


def database_url(text: str, environment: Mapping[str, str] = os.environ) -> sa.URL:
    """A connection string with what it takes from the environment.

    Raises:
        WarehouseError: it is no address of a known database, it holds a password, or a variable is not set.
    """
    scheme = text.split("://")[0].split("+")[0].lower()
    if scheme not in DRIVERS:
        raise WarehouseError(
            f"Addresses that begin with {scheme}:// cannot be loaded, only postgresql://, mysql://, mariadb://, http://"
            " and https://. Download a file first, then load it."
        )
    try:
        url = sa.make_url(text).set(drivername=DRIVERS[scheme])
    except (ArgumentError, ValueError):
        raise WarehouseError(
            f"That is no connection string. Write {scheme}://user@host:port/database, the port as a number."
        ) from None
    if (url.password and not REFERENCE.fullmatch(str(url.password))) or set(url.query) & set(SECRET_OPTIONS):
        raise WarehouseError(
            "A password in the connection string would stay in the shell's history. Put it into a variable of the"
            f" environment and write '{scheme}://user:${{NAME}}@host/database', in single quotes, or set "
            f"{'PGPASSWORD' if scheme.startswith('postgres') else 'MYSQL_PWD'} and leave it out."
        )
    password = _filled(str(url.password), environment) if url.password else None
    if password is None and not scheme.startswith("postgres"):
        password = environment.get("MYSQL_PWD")
    return url.set(
        username=_filled(url.username, environment),
        password=password,
        host=_filled(url.host, environment),
        database=_filled(url.database, environment),
    )


@contextmanager
def prepared_table(
    workspace: Workspace,
    table: RawTable,
    extract: Extract,
    renames: dict[str, str],
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Batch | None]:
    """Reads a table of a database into a batch that can be landed; None when nothing is past the cursor.

    Args:
        workspace: the company whose raw lake it is.
        table: the raw table.
        extract: what to read.
        renames: column of the database -> column of the raw table.
        progress: is told now and then how many rows have been read.

    Raises:
        WarehouseError: the database cannot be reached or read, or the table does not fit. Nothing has been landed then.
    """
    require_enabled(workspace, table)
    if extract.cursor is not None and rule_of(table, renames.get(extract.cursor, extract.cursor).strip()):
        raise WarehouseError(f"{extract.cursor} is personal: it cannot be the cursor, whose value is remembered.")
    url = database_url(extract.url)
    with connected(workspace) as connection, landing_file(workspace) as written:
        with _opened(url) as database:
            source = _Source.found(database, url, extract)
            seen = _landed(connection, workspace, table, source)
            highest = source.stage(connection, database, seen.highest, extract.limit, progress)
        export = source.export(highest if highest is not None else seen.highest, renames)
        given = landed_columns(export, table, renames)
        if seen.highest is not None:
            rule = LandingRule(connection, workspace, table, export, given)
            _drop_landed(connection, source, seen, given, rule)
        rows, batch_id = _digest(connection, source, renames)
        if not rows:
            yield None
            return
        batch = None if extract.limit else known_batch(connection, workspace, table, source.label, batch_id)
        yield batch or write(connection, workspace, table, export, renames, batch_id, written)


@dataclass(frozen=True)
class _Seen:
    """What the lake has of a source: its batches, and the highest value of the cursor among them."""

    batches: tuple[Path, ...]
    highest: str | None


@dataclass(frozen=True)
class _Source:
    """A table of a database whose names the catalog has shown.

    Attributes:
        label: address without user and password; says where a row came from.
        table: for SQL.
        names: its columns, each once when upper and lower case are the same.
        types: their types as the database writes them.
        cursor: place of the cursor column among them; None without one.
    """

    label: str
    table: sa.TableClause
    names: tuple[str, ...]
    types: tuple[str, ...]
    cursor: int | None

    @classmethod
    def found(cls, database: sa.Connection, url: sa.URL, extract: Extract) -> "_Source":
        """Looks the table and the cursor up."""
        inspector = sa.inspect(database)
        before, dot, after = extract.name.partition(".")
        # a name may hold dots itself
        places = [(None, extract.name), *([(before, after)] if dot else [])]
        for schema, name in places:
            with suppress(sa.exc.NoSuchTableError):
                if described := inspector.get_columns(name, schema=schema):
                    break
        else:
            raise WarehouseError(_no_table(inspector, extract.name, *places[-1]))
        names = [column["name"] for column in described]
        if extract.cursor is not None and extract.cursor not in names:
            near = get_close_matches(extract.cursor, names, n=1)
            raise WarehouseError(
                f"{extract.name} has no column '{extract.cursor}' to take as cursor"
                + (f"; did you mean '{near[0]}'?" if near else f". Its columns: {', '.join(names)}.")
            )
        unique: dict[str, str] = {}
        for column in names:
            key = column
            while key.lower() in unique:
                key += "_1"
            unique[key.lower()] = key
        columns = [sa.column(column["name"], column["type"]) for column in described]
        place = f"{url.host or ''}{f':{url.port}' if url.port else ''}/{url.database or ''}"
        return cls(
            label=f"{url.get_backend_name()}://{place}/{extract.name}",
            table=sa.table(name, *columns, schema=schema),
            names=tuple(unique.values()),
            types=tuple(_type_name(column["type"], database.dialect) for column in described),
            cursor=None if extract.cursor is None else names.index(extract.cursor),
        )

    def stage(
        self,
        connection: duckdb.DuckDBPyConnection,
        database: sa.Connection,
        above: str | None,
        limit: int | None,
        progress: Callable[[int], None],
    ) -> str | None:
        """Streams the rows at or past a value of the cursor into the table `staged`; returns the highest value.

        Rows at the value are read again, since later ones may bear it too, and so are rows without a value.
        """
        columns = list(self.table.columns)
        query = sa.select(*(_as_text(column, database.dialect).label(f"c{i}") for i, column in enumerate(columns)))
        highest = None
        if self.cursor is not None:
            cursor = columns[self.cursor]
            past = cursor.is_not(None)
            if above is not None:
                past = cursor >= _bound(above, cursor, database.dialect)
            highest = database.scalar(sa.select(_plain_text(sa.func.max(cursor), database.dialect)).where(past))
            query = query.where(sa.or_(past, cursor.is_(None))).order_by(cursor)
        if limit is not None:
            query = query.limit(limit)
        fields = [f"c{i}" for i in range(len(columns))]
        connection.execute(f"create temp table staged ({', '.join(f'{field} varchar' for field in fields)})")
        texts = ", ".join(f"cast({field} as varchar)" for field in fields)
        rows = 0
        result = database.execution_options(stream_results=True, max_row_buffer=ROWS_AT_A_TIME).execute(query)
        for part in result.partitions(ROWS_AT_A_TIME):
            values = {
                field: np.array(value, dtype=object)
                for field, value in zip(fields, zip(*part, strict=True), strict=True)
            }
            connection.register("part", values)
            connection.execute(f"insert into staged select {texts} from part")
            connection.unregister("part")
            rows += len(part)
            progress(rows)
        return highest

    def export(self, highest: str | None, renames: dict[str, str]) -> Export:
        """The staged rows under the names of the database."""
        columns = ", ".join(f"c{i} as {identifier(name)}" for i, name in enumerate(self.names))
        metadata: dict[str, Any] = {
            "source": self.label,
            "types": {
                renames.get(name, name).strip().lower(): data_type
                for name, data_type in zip(self.names, self.types, strict=True)
            },
        }
        facts = [f"{len(self.names)} columns"]
        if self.cursor is not None:
            cursor = self.names[self.cursor]
            metadata |= {"cursor": cursor, "highest": highest}
            facts.append(f"{cursor} up to {highest}")
        return Export(
            self.label,
            f"(select {columns} from staged)",
            dict.fromkeys(self.names, "VARCHAR"),
            facts=tuple(facts),
            metadata=metadata,
        )


@contextmanager
def _opened(url: sa.URL) -> Iterator[sa.Connection]:
    """One read-only view of the database in which all questions are about the same moment, in UTC."""
    is_postgres = url.get_backend_name() == "postgresql"
    options: dict[str, Any] = (
        {"options": "-c timezone=UTC"} if is_postgres else {"init_command": "set time_zone = '+00:00'"}
    )
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"connect_timeout": 15, **options})
    try:
        with engine.connect() as database:
            database = database.execution_options(isolation_level="REPEATABLE READ")
            if is_postgres:
                database = database.execution_options(postgresql_readonly=True)
            yield database
    except SQLAlchemyError as error:
        raise WarehouseError(_said(error, url)) from None
    finally:
        engine.dispose()


def _said(error: SQLAlchemyError, url: sa.URL) -> str:
    """What the database says, without the statement, and without the password whatever it says."""
    said = str(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
    if url.password:
        said = said.replace(str(url.password), "***")
    said = " ".join(said.split())[:400]
    where = f"{url.get_backend_name()}://{url.host or ''}/{url.database or ''}"
    if isinstance(error, OperationalError):
        return f"The database {where} cannot be read: {said}. Nothing was loaded."
    return f"The database {where} refused: {said}. Nothing was loaded."


def _no_table(inspector: sa.Inspector, asked: str, schema: str | None, name: str) -> str:
    known: list[str] = []
    with suppress(SQLAlchemyError):
        known = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
    near = get_close_matches(name, known, n=1)
    if near:
        full = f"{schema}.{near[0]}" if schema else near[0]
        return f"The database has no table '{asked}'; did you mean '{full}'? Say it with --from."
    listed = f" It has: {', '.join(sorted(known)[:20])}." if known else " Give its schema too, as schema.table."
    return f"The database has no table '{asked}'.{listed} Say which with --from."


def _filled(text: str | None, environment: Mapping[str, str]) -> str | None:
    if text is None:
        return None
    for name in REFERENCE.findall(text):
        if name not in environment:
            raise WarehouseError(f"The connection string names ${{{name}}}, which is not set in the environment.")
    return REFERENCE.sub(lambda found: environment[found[1]], text)


def _type_name(data_type: Any, dialect: sa.Dialect) -> str:
    try:
        return data_type.compile(dialect=dialect)
    except SQLAlchemyError:
        return str(data_type)


def _plain_text(column: Any, dialect: sa.Dialect) -> Any:
    return sa.cast(column, mysql.CHAR(charset="utf8mb4") if dialect.name in ("mysql", "mariadb") else sa.Text())


def _as_text(column: sa.ColumnElement, dialect: sa.Dialect) -> Any:
    """The column as text that staging reads; a moment of MySQL, which is given in UTC, gets its offset."""
    if isinstance(column.type, (sa.LargeBinary, mysql.BIT)) and dialect.name in ("mysql", "mariadb"):
        return sa.func.hex(column)
    if isinstance(column.type, mysql.TIMESTAMP):
        return sa.func.concat(_plain_text(column, dialect), "+00:00")
    return _plain_text(column, dialect)


def _bound(text: str, column: sa.ColumnElement, dialect: sa.Dialect) -> Any:
    """A value of the cursor to compare with, as exact as the column."""
    value = sa.literal(text, sa.Text())
    is_exact = isinstance(column.type, (sa.Integer, sa.Numeric)) and not isinstance(column.type, sa.Float)
    # MySQL would compare numbers with a text as floating point, and round a time that is cast
    return sa.cast(value, column.type) if is_exact or dialect.name == "postgresql" else value


def _landed(connection: duckdb.DuckDBPyConnection, workspace: Workspace, table: RawTable, source: _Source) -> _Seen:
    """Batches that came from the same source by the same cursor; the last loaded of them goes furthest."""
    if source.cursor is None:
        return _Seen((), None)
    paths = batches_by_age(connection, table_folder(workspace, table))
    remembered = batch_metadata(connection, paths)
    ours = [
        path
        for path in paths
        if remembered.get(path, {}).get("source") == source.label
        and remembered[path].get("cursor") == source.names[source.cursor]
    ]
    return _Seen(tuple(ours), remembered[ours[-1]]["highest"] if ours else None)


def _drop_landed(
    connection: duckdb.DuckDBPyConnection, source: _Source, seen: _Seen, given: dict[str, str], rule: LandingRule
) -> None:
    """Of the rows that were read again, drops those that the lake has."""
    paths = ", ".join(literal(str(path)) for path in seen.batches)
    scan = f"read_parquet([{paths}], union_by_name = true)"
    landed = {row[0].lower() for row in connection.execute(f"describe from {scan}").fetchall()}
    same = [
        f"{rule.landed(name, f'staged.c{source.names.index(column)}')} is not distinct from"
        f" cast(landed.{identifier(name)} as varchar)"
        for name, column in given.items()
        if name.lower() in landed and name not in rule.dropped
    ]
    cursor = f"staged.c{source.cursor}"
    connection.execute(f"""
        delete from staged
        where
            ({cursor} is null or {cursor} in ({literal(seen.highest)}, {literal(seen.highest + "+00:00")}))
            and exists (select 1 from {scan} as landed where {" and ".join(same)})
    """)


def _digest(connection: duckdb.DuckDBPyConnection, source: _Source, renames: dict[str, str]) -> tuple[int, str]:
    """Rows staged, and the batch that they are: by content, in whatever order the database gave them."""
    row = (
        "concat_ws('|'"
        + "".join(f", coalesce(replace(c{i}, '|', '||'), '|null|')" for i in range(len(source.names)))
        + ")"
    )
    rows, low, high = connection.execute(
        f"select count(*), sum(md5_number_lower({row})), sum(md5_number_upper({row})) from staged"
    ).fetchone()
    content = repr((source.label, source.names, rows, low, high, sorted(renames.items())))
    return rows, hashlib.sha256(content.encode()).hexdigest()[:16]
