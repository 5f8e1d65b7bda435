"""Publishes the marts, each time in a folder of its own; swapping one link makes it current (docs/publishing.md)."""

import fcntl
import hashlib
import json
import math
import os
import shutil
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from warehouse import durable
from warehouse.engine import connected
from warehouse.errors import WarehouseError
from warehouse.load.sql import identifier, literal
from warehouse.runs import now
from warehouse.working import Audited, fingerprint_of, read_audit
from warehouse.workspace import Workspace

# The oldest layout that DuckDB 1.x clients, which most BI tools ship, can open.
STORAGE_VERSION = "v1.0.0"
DATABASE = "warehouse.duckdb"
PARQUET = "parquet"
MANIFEST = "manifest.json"
MANIFEST_VERSION = 1
# What a reader opens, always under these names; they lead through the link to the current publication.
FIXED_NAMES = (DATABASE, PARQUET, MANIFEST)
# A publication that retention removes while it is being opened has been replaced twice since.
OPENING_ATTEMPTS = 5
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
        path: the file that BI opens, whichever publication is current.
        folder: where this publication is, and stays.
        manifest: what is in it.
    """

    path: Path
    folder: Path
    manifest: dict[str, Any]

    @property
    def build_id(self) -> str:
        """Its number, and the first digits of the hash of its content."""
        return self.manifest["build"]["id"]

    @property
    def sequence(self) -> int:
        """Its number: what is newer is decided by it, never by a clock."""
        return self.manifest["build"]["sequence"]

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows by table name."""
        return {name: table["rows"] for name, table in self.manifest["tables"].items()}


def publish(workspace: Workspace) -> Publication:
    """Writes what passed its audit to a new folder and makes it the current publication. For who holds the workspace.

    Whatever happens, the current publication is the old one or the new one, whole: the folder is written and flushed to
    the disk under a name that nobody reads, gets its own name, and becomes current by the swap of one link.

    Raises:
        WarehouseError: nothing has been built yet, it has not passed its audit since, or it is in use.
    """
    audited = read_audit(workspace)
    if not workspace.working_database.is_file():
        raise WarehouseError("Nothing has been built yet: run `warehouse build` first.")
    if audited is None:
        raise _not_audited(workspace)
    workspace.publications.mkdir(parents=True, exist_ok=True)
    clear_leftovers(workspace)
    half_written = workspace.publications / f".{os.getpid()}.partial"
    try:
        (half_written / PARQUET).mkdir(parents=True)
        facts = _copy_marts(workspace, audited, half_written)
        manifest = _manifest(workspace, audited, half_written, facts)
        folder = _finish(workspace, half_written, manifest)
    finally:
        shutil.rmtree(half_written, ignore_errors=True)
    _make_current(workspace, folder)
    retire(workspace)
    return Publication(workspace.publication, folder, manifest)


def rewrite(workspace: Workspace, old: Publication, selects: Mapping[str, str]) -> Publication:
    """Replaces a publication, current or not, by one with the same number and other rows. For who holds the workspace.

    A run that is killed leaves the old one, the new one, or both: it can be repeated.

    Args:
        workspace: the workspace.
        old: the publication, which is gone afterwards.
        selects: the rows of every table, as a query on the database `old`.
    """
    half_written = workspace.publications / f".{os.getpid()}.partial"
    shutil.rmtree(half_written, ignore_errors=True)
    is_current = workspace.current.resolve() == old.folder
    try:
        (half_written / PARQUET).mkdir(parents=True)
        with connected(workspace) as connection:
            connection.execute(f"attach {literal(str(old.folder / DATABASE))} as old (read_only)")
            row_counts = _write_tables(connection, selects, half_written)
        described = _described(half_written, row_counts)
        build = {**old.manifest["build"], "id": _build_id(old.sequence, described["content"])}
        folder = _finish(workspace, half_written, {**old.manifest, **described, "build": build})
    finally:
        shutil.rmtree(half_written, ignore_errors=True)
    if is_current:
        _make_current(workspace, folder)
    if folder != old.folder:
        _remove(old.folder)
    return Publication(workspace.publication, folder, {**old.manifest, **described, "build": build})


def publications(workspace: Workspace) -> list[Publication]:
    """The publications that are kept, oldest number first; those without a readable manifest are left out."""
    found = [_read(workspace, folder) for folder in sorted(_numbered(workspace), key=_sequence)]
    return [publication for publication in found if publication]


def current_publication(workspace: Workspace) -> Publication | None:
    """The publication that readers find now; nothing if there is none, or none of this layout."""
    return _read(workspace, workspace.current.resolve())


def make_current_again(workspace: Workspace, build_id: str | None = None) -> Publication:
    """Makes an earlier publication current, or a later one again. For who holds the workspace.

    Args:
        workspace: the workspace.
        build_id: which one, by its id, its number or the beginning of the id; the one before the current if not given.

    Raises:
        WarehouseError: there is no such publication, or its files are not those that were published.
    """
    kept = publications(workspace)
    known = ", ".join(found.build_id for found in kept) or "none"
    if build_id is None:
        current = current_publication(workspace)
        earlier = [found for found in kept if current is None or found.sequence < current.sequence]
        if not earlier:
            raise WarehouseError(f"There is no earlier publication to go back to. Kept: {known}.")
        chosen = earlier[-1]
    else:
        named = [found for found in kept if build_id in (found.build_id, str(found.sequence))]
        named = named or [found for found in kept if build_id and found.build_id.startswith(build_id)]
        if len(named) != 1:
            problem = "is no publication that is kept" if not named else "is the beginning of several publications"
            raise WarehouseError(f"'{build_id}' {problem}. Kept: {known}.")
        (chosen,) = named
    damaged = damaged_files(chosen)
    if damaged:
        raise WarehouseError(
            f"The publication {chosen.build_id} is not as it was published: {', '.join(damaged[:5])}. The current one "
            f"stays. Choose another: {known}."
        )
    _make_current(workspace, chosen.folder)
    return chosen


def damaged_files(publication: Publication) -> list[str]:
    """The files of a publication that are missing or have another hash than its manifest says."""
    described = _described_files(publication)
    return [file["file"] for file in described if _sha256(publication.folder / file["file"]) != file["sha256"]]


def missing_files(publication: Publication) -> list[str]:
    """Those that are missing or have another size, told without reading them; and links that lead elsewhere."""
    described = _described_files(publication)
    found = [file["file"] for file in described if _size(publication.folder / file["file"]) != file["bytes"]]
    links = [publication.path.with_name(name) for name in FIXED_NAMES]
    return found + [link.name for link in links if link.resolve() != publication.folder / link.name]


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


def json_value(value: Any) -> Any:
    """A value as JSON can hold it: decimals as numbers, and nothing for what is no number."""
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
    for attempt in range(OPENING_ATTEMPTS):
        # through the links: else DuckDB would give a process that has an old publication open the old one again
        path = workspace.publication.resolve()
        try:
            return duckdb.connect(str(path), read_only=True)
        except duckdb.IOException:
            if path.exists() or attempt == OPENING_ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def rejected_in_last_build(workspace: Workspace) -> list[dict[str, Any]]:
    """Why rows of the last build were rejected, published or not: the causes first, then what follows from them.

    Returns:
        One row per system, table and reason with its count and the commonest example; none when nothing is built, or
        when it cannot be read, because a build is writing it or it is damaged.
    """
    if not workspace.working_database.is_file():
        return []
    try:
        working = duckdb.connect(str(workspace.working_database), read_only=True)
    except duckdb.Error:
        return []
    with working as connection:
        if not connection.execute("select 1 from duckdb_tables() where table_name = 'rejected_rows'").fetchall():
            return []
        result = connection.execute(f"{REJECTED_BY_REASON.format(table='marts.rejected_rows')}")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def table_row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of the main schema, by name."""
    names = connection.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = current_database() and table_schema = 'main' order by table_name"
    ).fetchall()
    return {name: connection.execute(f'select count(*) from main."{name}"').fetchone()[0] for (name,) in names}


def _copy_marts(workspace: Workspace, audited: Audited, folder: Path) -> dict[str, Any]:
    """Copies the audited tables to a DuckDB file and to Parquet. Returns what the manifest says of their content."""
    working = workspace.working_database
    with working.open("rb") as file, connected(workspace) as connection:
        try:
            connection.execute(f"attach {literal(str(working))} as working (read_only)")
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            raise WarehouseError(
                f"The working database is in use by another program: {error}. "
                "Close it; BI tools should open the publication instead."
            ) from error
        # attached, it cannot be written any more
        if fingerprint_of(workspace, file) != audited.working_database:
            raise _not_audited(workspace)
        if not audited.tables:
            raise WarehouseError("The working database has no marts: run `warehouse build` first.")
        selects = {name: f"from working.marts.{identifier(name)}" for name in audited.tables}
        row_counts = _write_tables(connection, selects, folder)
        connection.execute("use publication")
        facts = {
            "row_counts": row_counts,
            "info": _rows_of(connection, "publication_info", "from publication_info"),
            "rejected": _rows_of(
                connection,
                "rejected_rows",
                "select system_name, table_name, reason, count(*) as rows from rejected_rows group by all order by all",
            ),
        }
        connection.execute("use memory")
        connection.execute("detach publication")
        connection.execute("detach working")
    return facts


def _write_tables(connection: duckdb.DuckDBPyConnection, selects: Mapping[str, str], folder: Path) -> dict[str, int]:
    """Writes tables to a DuckDB file, attached as `publication`, and to Parquet. Returns their row counts."""
    connection.execute(
        f"attach {literal(str(folder / DATABASE))} as publication (storage_version {literal(STORAGE_VERSION)})"
    )
    for name, select in selects.items():
        # a build writes rows in the order in which its threads end: sorted, the same rows are the same bytes
        table = f"publication.main.{identifier(name)}"
        connection.execute(f"create table {table} as {select} order by all")
        parquet = literal(str(folder / PARQUET / f"{name}.parquet"))
        connection.execute(f"copy {table} to {parquet} (format parquet, compression zstd)")
    connection.execute("use publication")
    row_counts = table_row_counts(connection)
    connection.execute("use memory")
    return row_counts


def _rows_of(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> list[dict[str, Any]]:
    if not connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() and table_name = ?", [table]
    ).fetchall():
        return []
    result = connection.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _manifest(workspace: Workspace, audited: Audited, folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """What is in a publication. Two builds of the same data differ in `build` and `database` alone."""
    described = _described(folder, facts["row_counts"])
    sequence = 1 + max((_sequence(path) for path in _numbered(workspace)), default=0)
    current = current_publication(workspace)
    (info,) = facts["info"] or [{}]
    return {
        "manifest_version": MANIFEST_VERSION,
        "build": {
            "id": _build_id(sequence, described["content"]),
            "sequence": sequence,
            "published_at": now(),
            "follows": current.build_id if current else None,
        },
        "database": described["database"],
        "workspace": workspace.name,
        "code": audited.code,
        "content": described["content"],
        **{name: None if value is None else str(value) for name, value in info.items()},
        "checks": audited.checks,
        "rejected": facts["rejected"],
        "tables": described["tables"],
    }


def _described(folder: Path, row_counts: Mapping[str, int]) -> dict[str, Any]:
    """The part of the manifest that the files themselves decide."""
    tables = {}
    for name, rows in row_counts.items():
        file = folder / PARQUET / f"{name}.parquet"
        tables[name] = {
            "rows": rows,
            "file": f"{PARQUET}/{file.name}",
            "bytes": file.stat().st_size,
            "sha256": _sha256(file),
        }
    hashes = "".join(f"{name}:{table['sha256']}\n" for name, table in tables.items())
    database = {
        "file": DATABASE,
        "bytes": (folder / DATABASE).stat().st_size,
        "sha256": _sha256(folder / DATABASE),
        "storage_version": STORAGE_VERSION,
        "duckdb": duckdb.__version__,
    }
    return {"database": database, "content": hashlib.sha256(hashes.encode()).hexdigest(), "tables": tables}


def _build_id(sequence: int, content: str) -> str:
    return f"{sequence:06d}-{content[:12]}"


def _finish(workspace: Workspace, half_written: Path, manifest: Mapping[str, Any]) -> Path:
    """Gives a folder its manifest and, once it is safe on the disk, its own name."""
    folder = workspace.publications / manifest["build"]["id"]
    (half_written / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for path in _files(half_written):
        # a BI tool that opens the file for writing would lock the others out, or change what was audited
        path.chmod(0o444)
    durable.sync_tree(half_written)
    if folder.exists():  # of a run that was killed before it could use it
        _remove(folder)
    half_written.rename(folder)
    durable.sync(workspace.publications)
    return folder


def _make_current(workspace: Workspace, folder: Path) -> None:
    """Swaps the link. The fixed names lead through it, so that file, Parquet and manifest change in one step."""
    durable.point(workspace.current, Path(workspace.publications.name) / folder.name)
    for name in FIXED_NAMES:
        link, target = workspace.folder / name, Path(workspace.current.name) / name
        if not link.is_symlink() or link.readlink() != target:
            durable.point(link, target)


def retire(workspace: Workspace) -> None:
    """Removes what is older than the publications to keep; never the current one, or one that a reader has open."""
    current = workspace.current.resolve()
    by_age = sorted(_numbered(workspace), key=_sequence)
    for old in by_age[: -workspace.settings.kept_publications]:
        if old == current or _is_being_read(old / DATABASE):
            continue
        # in one step, so that a killed run leaves no half of a publication under its name
        gone = old.with_name(f".{old.name}.old")
        try:
            old.rename(gone)
        except OSError:  # it can wait: the next publication tries again
            continue
        _remove(gone)


def _is_being_read(database: Path) -> bool:
    """Whether a process has a DuckDB file open: it holds a lock on it, which this asks for without taking it."""
    if sys.platform != "linux" or not database.is_file():
        return False
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    with database.open("rb") as file:
        found = fcntl.fcntl(file, fcntl.F_GETLK, wanted)
    return struct.unpack("hhqqi4x", found)[0] != fcntl.F_UNLCK


def clear_leftovers(workspace: Workspace) -> None:
    """Removes what killed runs left half-written or half-removed. For who holds the workspace."""
    for path in workspace.publications.glob(".*"):
        _remove(path)
    for pattern in (".*.tmp", ".*.old"):
        for path in workspace.folder.glob(pattern):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _read(workspace: Workspace, folder: Path) -> Publication | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Publication(workspace.publication, folder, manifest)


def _numbered(workspace: Workspace) -> list[Path]:
    """Everything that has a number: folders, and files of the layout before there were folders."""
    return [path.resolve() for path in workspace.publications.glob("[0-9]*") if path.stem.split("-")[0].isdecimal()]


def _sequence(path: Path) -> int:
    return int(path.stem.split("-")[0])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _described_files(publication: Publication) -> list[dict[str, Any]]:
    return [publication.manifest["database"], *publication.manifest["tables"].values()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _not_audited(workspace: Workspace) -> WarehouseError:
    return WarehouseError(
        "The working database has not passed its audit since it was last built: "
        f"run `warehouse build --workspace {workspace.name}`, which builds, audits and publishes."
    )
