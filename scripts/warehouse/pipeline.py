"""Audit, build, compile the metrics, audit, publish: one at a time, and the last publication stays until the end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb
from rich.console import Console

from warehouse.audit import CheckResult, audit_marts, audit_raw
from warehouse.dbt import NodeResult, build_with_progress
from warehouse.errors import WarehouseError
from warehouse.faults import is_damaged
from warehouse.publication import Publication, clear_leftovers, make_current_again, publish, rejected_in_last_build
from warehouse.runs import NOTHING_CHANGED, exclusive
from warehouse.semantics import compile_metrics
from warehouse.unchanged import Unchanged, forget_build, inputs_of, last_build_if_unchanged, remember_build
from warehouse.working import (
    Audited,
    code_version,
    fingerprint,
    forget_audit,
    is_audited,
    marts_of_last_build,
    record_audit,
    set_aside,
    set_aside_if_damaged,
)
from warehouse.workspace import Workspace

__all__ = ["Built", "build", "check", "exclusive", "is_audited", "publish_audited", "rollback"]

SHOWN_REASONS = 8


@dataclass(frozen=True)
class Built:
    """What a full run did: dbt's nodes, the checks, and the publication."""

    nodes: list[NodeResult]
    checks: list[CheckResult]
    publication: Publication


def build(workspace: Workspace, console: Console, wait: float = 0.0, force: bool = False) -> Built | Unchanged:
    """Audits the raw lake, builds the working database, compiles the metrics on it, audits it and publishes it.

    Args:
        workspace: the company.
        console: where progress is shown.
        wait: seconds to wait for another run to end.
        force: whether to build everything anew, also when nothing has changed.

    Returns:
        What was done; if another build would give what is published, what that is, and nothing was done.

    Raises:
        WarehouseError: another run holds the workspace, a model or test failed, a metric does not compile, or a
            blocking check failed. The publication is then unchanged.
    """
    with exclusive(workspace, "build", wait) as run, _damage_is_set_aside(workspace):
        # asked by who holds the workspace: a load that is waited for changes the answer
        unchanged = None if force else last_build_if_unchanged(workspace)
        if unchanged:
            run.stage(NOTHING_CHANGED)
            return unchanged
        # the inputs as they are now: what changes while they are read is for the next build
        inputs = inputs_of(workspace)
        forget_build(workspace)
        run.stage("audit of the raw lake")
        with console.status("Auditing the raw lake"):
            raw_checks = _check_raw(workspace)
        forget_audit(workspace)
        clear_leftovers(workspace)
        code = code_version()
        aside = set_aside_if_damaged(workspace)
        if aside:
            console.print(f"The working database is damaged: it was set aside as {aside}, and is built anew.")
        run.stage("dbt")
        # who does not trust what stands has nothing of it continued (macros/layers/growth.sql)
        nodes = build_with_progress(workspace, ["--full-refresh"] if force else [], console)
        run.stage("metrics")
        with console.status("Compiling the metrics"):
            compile_metrics(workspace)
        run.stage("audit")
        checks = _check(workspace, code, raw_checks)
        run.stage("publish")
        published = publish(workspace)
        remember_build(workspace, inputs, published)
        return Built(nodes, checks, published)


def check(workspace: Workspace, wait: float = 0.0) -> list[CheckResult]:
    """Audits the working database as it is.

    Raises:
        WarehouseError: a blocking check failed, or another run holds the workspace.
    """
    with exclusive(workspace, "check", wait) as run, _damage_is_set_aside(workspace):
        run.stage("audit")
        return _check(workspace, code_version())


def check_raw(workspace: Workspace, today: date | None = None, wait: float = 0.0) -> list[CheckResult]:
    """Audits the raw lake as it is; for `today` see `warehouse.audit.audit_raw`.

    Raises:
        WarehouseError: a blocking check failed, or another run holds the workspace.
    """
    with exclusive(workspace, "check", wait) as run:
        run.stage("audit of the raw lake")
        return _check_raw(workspace, today)


def publish_audited(workspace: Workspace, wait: float = 0.0) -> Publication:
    """Publishes the working database, provided that it was built and passed its audit.

    Raises:
        WarehouseError: it was not audited since it was last written.
    """
    with exclusive(workspace, "publish", wait) as run, _damage_is_set_aside(workspace):
        run.stage("publish")
        return publish(workspace)


def rollback(workspace: Workspace, build_id: str | None = None, wait: float = 0.0) -> Publication:
    """Makes another publication current: the one before, or the one named.

    Raises:
        WarehouseError: there is no such publication, or its files are not what was published.
    """
    with exclusive(workspace, "rollback", wait):
        return make_current_again(workspace, build_id)


@contextmanager
def _damage_is_set_aside(workspace: Workspace) -> Iterator[None]:
    """A working database that turns out to be damaged must not stop the next build too."""
    try:
        yield
    except (WarehouseError, duckdb.Error) as error:
        if not is_damaged(str(error)) or not workspace.working_database.exists():
            raise
        aside = set_aside(workspace)
        raise WarehouseError(
            f"The working database is damaged and was set aside as {aside}: run `warehouse build --workspace "
            f"{workspace.name}`, which makes a new one from the raw lake. The publication is unchanged.\n  {error}"
        ) from error


def _check(workspace: Workspace, code: dict[str, Any], before_dbt: Sequence[CheckResult] = ()) -> list[CheckResult]:
    before = fingerprint(workspace) if workspace.working_database.is_file() else ""
    checks = audit_marts(workspace)
    details = _blocking(checks)
    if details:
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
    all_checks = [*before_dbt, *checks]
    outcomes = [asdict(check) for check in all_checks]
    record_audit(workspace, Audited(before, code, marts_of_last_build(workspace), outcomes))
    return all_checks


def _check_raw(workspace: Workspace, today: date | None = None) -> list[CheckResult]:
    checks = audit_raw(workspace, today)
    details = _blocking(checks)
    if details:
        raise WarehouseError(
            "The audit of the raw lake failed; nothing was built and the publication is unchanged.\n  "
            + "\n  ".join(details)
        )
    return checks


def _blocking(checks: list[CheckResult]) -> list[str]:
    broken = [result for result in checks if not result.passed and result.severity == "block"]
    return [f"{c.name}: {'; '.join(c.examples)}\n    {c.reason}" for c in broken]
