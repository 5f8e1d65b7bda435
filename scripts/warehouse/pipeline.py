"""Build, compile the metrics, audit, publish: one at a time, and the last good publication stays until the end."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from warehouse.audit import CheckResult, audit
from warehouse.dbt import NodeResult, build_with_progress, prepare
from warehouse.errors import WarehouseError
from warehouse.publication import Publication, publish, rejected_in_last_build
from warehouse.semantics import compile_metrics
from warehouse.unchanged import forget_build, inputs_of, remember_build
from warehouse.workspace import Workspace

SHOWN_REASONS = 8


@dataclass(frozen=True)
class Built:
    """What a full run did: dbt's nodes, the checks, and the publication."""

    nodes: list[NodeResult]
    checks: list[CheckResult]
    publication: Publication


def build(workspace: Workspace, dbt_arguments: list[str], console: Console) -> Built:
    """Builds the working database, compiles the metrics on it, audits it and publishes it.

    Raises:
        WarehouseError: another run holds the workspace, a model or test failed, a metric does not compile, or a
            blocking check failed. The publication is then unchanged.
    """
    with exclusive(workspace):
        inputs = inputs_of(workspace)
        forget_build(workspace)
        _audited_marker(workspace).unlink(missing_ok=True)
        nodes = build_with_progress(workspace, dbt_arguments, console)
        with console.status("Compiling the metrics"):
            compile_metrics(workspace)
        checks = _check(workspace)
        publication = publish(workspace)
        remember_build(workspace, inputs)
        return Built(nodes, checks, publication)


def check(workspace: Workspace) -> list[CheckResult]:
    """Audits the working database as it is.

    Raises:
        WarehouseError: a blocking check failed, or another run holds the workspace.
    """
    with exclusive(workspace):
        return _check(workspace)


def publish_audited(workspace: Workspace) -> Publication:
    """Publishes the working database, provided that it was built and passed its audit.

    Raises:
        WarehouseError: it was not audited since it was last written.
    """
    with exclusive(workspace):
        if not is_audited(workspace):
            raise WarehouseError(
                "The working database has not passed its audit since it was last built: "
                f"run `warehouse build --workspace {workspace.name}`, which builds, audits and publishes."
            )
        return publish(workspace)


@contextmanager
def exclusive(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace for one run; the lock goes with the process, so a killed run leaves none behind.

    Raises:
        WarehouseError: another run holds it.
    """
    prepare(workspace)
    try:
        with FileLock(workspace.folder / "lock", timeout=0):
            yield
    except Timeout as error:
        raise WarehouseError(
            f"Another run is working on the workspace '{workspace.name}'. Wait for it to end, then try again."
        ) from error


def _check(workspace: Workspace) -> list[CheckResult]:
    checks = audit(workspace)
    broken = [result for result in checks if not result.passed and result.severity == "block"]
    if broken:
        details = [f"{c.name}: {'; '.join(c.examples)}\n    {c.reason}" for c in broken]
        rejected = [
            f"{row['rows']:,} of {row['system_name']} {row['table_name']}: {row['example']}"
            for row in rejected_in_last_build(workspace)[:SHOWN_REASONS]
        ]
        if rejected:
            details += ["Rejected, by reason, with the commonest example:", *(f"  {line}" for line in rejected)]
            details.append(
                "Mend the file and load it again, or take a wrong load back by deleting its file in "
                f"{workspace.raw_lake}."
            )
        raise WarehouseError("The audit failed; the publication is unchanged.\n  " + "\n  ".join(details))
    _audited_marker(workspace).write_text(
        json.dumps(
            {
                "working_database": _fingerprint(workspace),
                "checks": [asdict(result) for result in checks],
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )
    return checks


def _audited_marker(workspace: Workspace) -> Path:
    return workspace.folder / "audited.json"


def is_audited(workspace: Workspace) -> bool:
    """Whether the working database passed its audit as it is now."""
    marker = _audited_marker(workspace)
    if not marker.is_file() or not workspace.working_database.is_file():
        return False
    return json.loads(marker.read_text(encoding="utf-8"))["working_database"] == _fingerprint(workspace)


def _fingerprint(workspace: Workspace) -> list[int]:
    """Size and modification time: a dbt command run in between changes both."""
    status = workspace.working_database.stat()
    return [status.st_size, status.st_mtime_ns]
