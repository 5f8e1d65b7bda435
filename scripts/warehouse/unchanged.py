"""Tells whether a build would give what is already published: same files, same project, same settings.

The record of a build is deleted before the next one begins and written after its publication, so that a build that
failed or was killed is never taken for a finished one.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace

# All that decides what a build gives, beside the raw lake and the workspace: by content, because git sets new times.
PROJECT_FILES = (
    "dbt_project.yml",
    "profiles.yml",
    "macros/**/*.sql",
    "models/**/*.*",
    "seeds/**/*.*",
    "tests/dbt/**/*.sql",
    "scripts/warehouse/**/*.*",
)
PACKAGES = ("dbt-core", "dbt-duckdb", "dbt-metricflow", "duckdb", "great-expectations")


def inputs_of(workspace: Workspace) -> str:
    """A hash of everything that a build reads. Raw files are told by name, size and time: they may be large."""
    digest = hashlib.blake2b()
    for path in _project_files():
        digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    for path in sorted(workspace.raw_lake.rglob("*")):
        if path.is_file():
            digest.update(f"{path}\0{_identity(path)}".encode())
    settings = {
        "variables": workspace.dbt_variables(),
        "packages": {name: version(name) for name in PACKAGES},
        "environment": {name: value for name, value in os.environ.items() if name.startswith("WAREHOUSE_")},
    }
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    return digest.hexdigest()


def forget_build(workspace: Workspace) -> None:
    """To be called before anything is built."""
    _record(workspace).unlink(missing_ok=True)


def remember_build(workspace: Workspace, inputs: str) -> None:
    """To be called after the publication; `inputs` are those from before the build, in case they changed meanwhile."""
    content = {
        "inputs": inputs,
        "outputs": _outputs(workspace),
        "built_at": datetime.now(UTC).isoformat("T", "seconds"),
    }
    _record(workspace).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def last_build_if_unchanged(workspace: Workspace) -> str | None:
    """When the last build was finished (ISO 8601, UTC), provided that another one would give the same."""
    record = _record(workspace)
    if not record.is_file():
        return None
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        same = content["outputs"] == _outputs(workspace) and content["inputs"] == inputs_of(workspace)
        return content["built_at"] if same else None
    except (ValueError, KeyError, OSError):  # a damaged record, or a file that went while it was read: build
        return None


def _record(workspace: Workspace) -> Path:
    return workspace.folder / "built.json"


def _outputs(workspace: Workspace) -> list[list[int] | None]:
    """The working database and the publication: whoever writes to one changes its size or time."""
    files = (workspace.working_database, workspace.publication)
    return [_identity(path) if path.is_file() else None for path in files]


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _project_files() -> Iterator[Path]:
    found = {path for pattern in PROJECT_FILES for path in PROJECT_ROOT.glob(pattern) if path.is_file()}
    yield from sorted(path for path in found if "__pycache__" not in path.parts)
