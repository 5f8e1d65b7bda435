"""Tells whether a build would give what is published already: same files, same project, same settings.

The record of a build goes before the next one begins and comes after its publication, so that a build that failed or
was killed is never taken for a finished one.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from warehouse import durable
from warehouse.project import PROJECT_ROOT
from warehouse.publication import Publication, current_publication, missing_files
from warehouse.runs import now
from warehouse.working import is_audited
from warehouse.workspace import Workspace

# All that decides what a build gives, beside the raw lake and the workspace: by content, because git sets new times.
PROJECT_FILES = (
    "dbt_project.yml",
    "profiles.yml",
    "macros/**/*.*",
    "models/**/*.*",
    "seeds/**/*.*",
    "tests/dbt/**/*.*",
    "scripts/warehouse/**/*.*",
)
PACKAGES = ("dbt-core", "dbt-duckdb", "dbt-metricflow", "duckdb", "great-expectations")


@dataclass(frozen=True)
class Unchanged:
    """A build that had nothing to do.

    Attributes:
        built_at: when the last one ended, in UTC.
        publication: what it would give, and what is current.
    """

    built_at: str
    publication: Publication


def inputs_of(workspace: Workspace) -> str:
    """A hash of everything that a build reads. Raw files are told by name, size and time: they may be large."""
    digest = hashlib.blake2b()
    for path in _project_files():
        digest.update(f"{path.relative_to(PROJECT_ROOT)}\0".encode())
        digest.update(hashlib.blake2b(path.read_bytes()).digest())
    for path in sorted(workspace.raw_lake.rglob("*")):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    settings = {
        "workspace": workspace.settings.model_dump(mode="json"),
        "packages": {name: version(name) for name in PACKAGES},
    }
    digest.update(json.dumps(settings, sort_keys=True).encode())
    return digest.hexdigest()


def forget_build(workspace: Workspace) -> None:
    """To be called before anything is built."""
    _record(workspace).unlink(missing_ok=True)


def remember_build(workspace: Workspace, inputs: str, published: Publication) -> None:
    """To be called after the publication; `inputs` are those from before the build, in case they changed meanwhile."""
    record = {"inputs": inputs, "content": published.manifest["content"], "built_at": now()}
    durable.write_text(_record(workspace), json.dumps(record, indent=2) + "\n")


def last_build_if_unchanged(workspace: Workspace) -> Unchanged | None:
    """The last build, provided that another one would give the same and that it is still what readers find.

    It is not after a rollback to other content, which the next build replaces; when a file of the publication is gone
    or cut short; after an erasure; and when the working database was written to, by dbt or a program.
    """
    current = current_publication(workspace)
    try:
        record = json.loads(_record(workspace).read_text(encoding="utf-8"))
        if (
            current
            and current.manifest["content"] == record["content"]
            and not missing_files(current)
            and is_audited(workspace)
            and inputs_of(workspace) == record["inputs"]
        ):
            return Unchanged(record["built_at"], current)
    except (ValueError, KeyError, TypeError, OSError):  # no record, a damaged one, or a file that went meanwhile: build
        pass
    return None


def _record(workspace: Workspace) -> Path:
    return workspace.folder / "built.json"


def _project_files() -> Iterator[Path]:
    found = {path for pattern in PROJECT_FILES for path in PROJECT_ROOT.glob(pattern) if path.is_file()}
    yield from sorted(path for path in found if "__pycache__" not in path.parts)
