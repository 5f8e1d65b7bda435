"""Publishes the marts: a fresh DuckDB file, made current by one rename. Readers never see a half-written one."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import WarehouseError
from warehouse.load.sql import literal
from warehouse.workspace import Workspace

# The oldest layout that DuckDB 1.x clients, which most BI tools ship, can open.
STORAGE_VERSION = "v1.0.0"
KEPT_PUBLICATIONS = 5
# A line goes with its rejected order: dangling references come last, because they mostly follow from the others.
REJECTED_BY_REASON = """
    select system_name, table_name, reason, count(*) as rows, mode(detail order by detail) as example
    from {table}
    group by system_name, table_name, reason
    order by reason = 'dangling_reference', count(*) desc, system_name, table_name, reason
"""


@dataclass(frozen=True)
class Publication:
    """What was published.

    Attributes:
        path: the current file, that BI opens.
        archived: the same file under its own number, kept for going back.
        row_counts: rows by table name.
    """

    path: Path
    archived: Path
    row_counts: dict[str, int]


def publish(workspace: Workspace) -> Publication:
    """Writes every table of the schema `marts` to a new file and makes it the current publication.

    The file is written beside the archive and renamed twice, each time in one step: into the archive, and, as
    a second name of the same content, over the current publication. A reader that has the old file open keeps it.

    Raises:
        WarehouseError: nothing has been built yet, or the working database is in use.
    """
    workspace.publications.mkdir(parents=True, exist_ok=True)
    archived = workspace.publications / f"{_next_number(workspace):06d}.duckdb"
    half_written = archived.with_suffix(f".{os.getpid()}.tmp")
    next_current = workspace.publication.with_suffix(f".{os.getpid()}.tmp")
    try:
        row_counts = _copy_marts(workspace.working_database, half_written)
        half_written.replace(archived)
        _second_name(archived, next_current)
        next_current.replace(workspace.publication)
    finally:
        half_written.unlink(missing_ok=True)
        next_current.unlink(missing_ok=True)
    for old in _archive(workspace)[:-KEPT_PUBLICATIONS]:
        old.unlink()
    return Publication(workspace.publication, archived, row_counts)


def query(workspace: Workspace, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs one query on the publication, read-only.

    Returns:
        Column names, and rows.

    Raises:
        WarehouseError: nothing is published, or the query is wrong.
    """
    with open_publication(workspace) as connection:
        # a query may read the publication and nothing else: no files, no network
        connection.execute("set enable_external_access = false")
        try:
            statements = connection.extract_statements(sql)
            if len(statements) != 1:
                raise WarehouseError(f"Give one query, not {len(statements)}.")
            result = connection.execute(statements[0])
            return [column[0] for column in result.description or []], result.fetchall()
        except duckdb.Error as error:
            raise WarehouseError(str(error)) from error


def open_publication(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the current publication.

    Raises:
        WarehouseError: nothing is published.
    """
    if not workspace.publication.is_file():
        raise WarehouseError(
            f"Nothing is published for the workspace '{workspace.name}' yet: "
            f"run `warehouse build --workspace {workspace.name}`."
        )
    return duckdb.connect(str(workspace.publication), read_only=True)


def rejected_in_last_build(workspace: Workspace) -> list[dict[str, Any]]:
    """Why rows of the last build were rejected, published or not: the causes first, then what follows from them.

    Returns:
        One row per system, table and reason with its count and the commonest example; none when nothing is built.
    """
    if not workspace.working_database.is_file():
        return []
    with duckdb.connect(str(workspace.working_database), read_only=True) as connection:
        if not connection.execute("select 1 from duckdb_tables() where table_name = 'rejected_rows'").fetchall():
            return []
        result = connection.execute(f"{REJECTED_BY_REASON.format(table='marts.rejected_rows')}")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def table_row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of the main schema, by name."""
    names = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'main' order by table_name"
    ).fetchall()
    return {name: connection.execute(f'select count(*) from main."{name}"').fetchone()[0] for (name,) in names}


def _copy_marts(working_database: Path, target: Path) -> dict[str, int]:
    if not working_database.is_file():
        raise WarehouseError("Nothing has been built yet: run `warehouse build` first.")
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {literal(str(working_database))} as working (read_only)")
        except duckdb.IOException as error:
            raise WarehouseError(
                f"The working database is in use by another program: {error}. "
                "Close it; BI tools should open the publication instead."
            ) from error
        connection.execute(f"attach {literal(str(target))} as publication (storage_version '{STORAGE_VERSION}')")
        tables = connection.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'working' and schema_name = 'marts' order by table_name"
        ).fetchall()
        if not tables:
            raise WarehouseError("The working database has no marts: run `warehouse build` first.")
        for (name,) in tables:
            connection.execute(f'create table publication.main."{name}" as from working.marts."{name}"')
        connection.execute("use publication")
        row_counts = table_row_counts(connection)
        connection.execute("use memory")
        connection.execute("detach publication")
    return row_counts


def _archive(workspace: Workspace) -> list[Path]:
    return sorted(workspace.publications.glob("[0-9]*.duckdb"))


def _next_number(workspace: Workspace) -> int:
    archive = _archive(workspace)
    return int(archive[-1].stem) + 1 if archive else 1


def _second_name(path: Path, other: Path) -> None:
    other.unlink(missing_ok=True)
    try:
        os.link(path, other)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, other)
