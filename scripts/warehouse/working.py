"""The working database: whether it is sound, and what of it passed its audit."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from warehouse import child, durable
from warehouse.dbt import raise_if_locked
from warehouse.errors import WarehouseError
from warehouse.faults import advice
from warehouse.project import PROJECT_ROOT, project_version
from warehouse.workspace import Workspace

# Where DuckDB counts its checkpoints: one header of the file and two of the database, of 4096 bytes each.
HEADERS_BYTES = 3 * 4096
METRIC_CATALOG = "metric_catalog"
# Opening replays what a killed run had logged; the checkpoint writes it to the file.
PROBE = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("select count(*) from duckdb_columns()").fetchall()
    connection.execute("checkpoint")
"""


@dataclass(frozen=True)
class Audited:
    """What passed its audit.

    Attributes:
        working_database: fingerprint of the working database at that time.
        code: the version of the project that built it.
        tables: the marts of that build.
        checks: name, severity and outcome of each check.
    """

    working_database: str
    code: dict[str, Any]
    tables: list[str]
    checks: list[dict[str, Any]]


def set_aside_if_damaged(workspace: Workspace) -> Path | None:
    """Moves a damaged working database out of the way: the next build makes a new one from the raw lake.

    It is opened by a process of its own, because a damaged file may take down whoever opens it.

    Returns:
        Where it lies now; nothing if it was sound.

    Raises:
        WarehouseError: another program has it open, or the disk is full or not writable.
    """
    working, log = workspace.working_database, _write_ahead_log(workspace)
    if not working.exists():
        log.unlink(missing_ok=True)
        return None
    probe = child.run([sys.executable, "-c", PROBE, working], capture_output=True)
    if probe.returncode == 0:
        return None
    raise_if_locked(probe.stderr.splitlines())
    said = advice(workspace.folder, probe.stderr)
    if said:
        raise WarehouseError(f"{said} What is published is whole.\n  {probe.stderr.strip().splitlines()[-1]}")
    return set_aside(workspace)


def set_aside(workspace: Workspace) -> Path:
    """Moves the working database out of the way, over the one set aside before."""
    aside = workspace.working_database.with_name("working.damaged.duckdb")
    # its log goes first: a log without its database would be played into the next one
    moves = {
        _write_ahead_log(workspace): aside.with_name(f"{aside.name}.wal"),
        workspace.working_database: aside,
    }
    for path, target in moves.items():
        if path.exists():
            path.replace(target)
        else:
            target.unlink(missing_ok=True)
    return aside


def fingerprint(workspace: Workspace) -> str:
    """What changes with every change of the working database, whatever the clock says."""
    with workspace.working_database.open("rb") as file:
        return fingerprint_of(workspace, file)


def fingerprint_of(workspace: Workspace, file: BinaryIO) -> str:
    """The same of the opened file, for who reads the database by other means at the same time.

    It has to stay open as long as they do: locks belong to a process, which gives them all up by closing the file once.
    """
    log = _write_ahead_log(workspace)
    file.seek(0)
    headers = hashlib.sha256(file.read(HEADERS_BYTES)).hexdigest()
    size = file.seek(0, os.SEEK_END)
    return f"{size}.{log.stat().st_size if log.exists() else 0}.{headers}"


def record_audit(workspace: Workspace, audited: Audited) -> None:
    """Records what passed its audit."""
    durable.write_text(_marker(workspace), json.dumps(asdict(audited), indent=2) + "\n")


def forget_audit(workspace: Workspace) -> None:
    """From here on, nothing is audited."""
    _marker(workspace).unlink(missing_ok=True)


def read_audit(workspace: Workspace) -> Audited | None:
    """What passed its audit; nothing if nothing did, or if the record is of another version or damaged."""
    try:
        return Audited(**json.loads(_marker(workspace).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_audited(workspace: Workspace) -> bool:
    """Whether the working database passed its audit as it is now."""
    audited = read_audit(workspace)
    if audited is None or not workspace.working_database.is_file():
        return False
    return audited.working_database == fingerprint(workspace)


def marts_of_last_build(workspace: Workspace) -> list[str]:
    """The tables of the schema `marts` that the project has now.

    A model that was deleted or switched off leaves its table behind in the working database: no test and no check sees
    it any more, so it must not be published.
    """
    with duckdb.connect(str(workspace.working_database), read_only=True) as connection:
        found = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by table_name"
        ).fetchall()
    try:
        nodes = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    except (OSError, ValueError):
        return [name for (name,) in found]
    built = {node["alias"] for node in nodes if node["resource_type"] == "model" and node["schema"] == "marts"}
    return [name for (name,) in found if name in built or name == METRIC_CATALOG]


def code_version() -> dict[str, Any]:
    """The version of the project, and the commit where it is a checkout."""
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return {"version": project_version(), "commit": _git("rev-parse", "HEAD"), "is_changed": bool(changes)}


def _git(*arguments: str) -> str | None:
    try:
        top = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
        # a project unpacked inside another checkout has that one's commit, which says nothing about it
        if Path(top).resolve() != PROJECT_ROOT:
            return None
        done = subprocess.run(["git", *arguments], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _marker(workspace: Workspace) -> Path:
    return workspace.folder / "audited.json"


def _write_ahead_log(workspace: Workspace) -> Path:
    return workspace.working_database.with_name(f"{workspace.working_database.name}.wal")
