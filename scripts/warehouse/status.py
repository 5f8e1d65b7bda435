"""`warehouse status`: what is published, how fresh it is, what there is to go back to, and what failed last and why."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from warehouse.publication import Publication, current_publication, publications
from warehouse.runs import NOTHING_CHANGED, RunRecord, is_running, read_runs
from warehouse.workspace import Workspace

SHOWN_LINES = 12
# Runs that make or change what is published; a query or a load that fails says so at once, to whoever started it.
PUBLISHING = ("build", "check", "publish", "rollback")


def status_facts(workspace: Workspace) -> dict[str, Any]:
    """The status as data: `warehouse status --json`."""
    current = current_publication(workspace)
    kept = publications(workspace)
    runs = read_runs(workspace)
    running = runs[-1] if runs and runs[-1].outcome == "running" and is_running(workspace) else None
    ended = [run for run in runs if run is not running]
    failed = [run for run in ended if run.command in PUBLISHING and run.outcome != "succeeded"]
    return {
        "workspace": workspace.name,
        "description": workspace.settings.description,
        "publication": _facts(current) if current else None,
        "path": str(workspace.publication),
        "others": [_facts(found) for found in reversed(kept) if current is None or found.sequence != current.sequence],
        "kept_publications": workspace.settings.kept_publications,
        "running": asdict(running) if running else None,
        "last_run": _ended(ended[-1]) if ended else None,
        "last_failure": _ended(failed[-1]) if failed else None,
        "succeeded_since": _succeeded_since(ended, failed[-1]) if failed else None,
    }


def status_lines(facts: dict[str, Any]) -> list[str]:
    """The status on one screen."""
    lines = [f"Workspace {facts['workspace']}: {facts['description'] or 'no description'}"]
    current = facts["publication"]
    if current is None:
        lines.append(f"  published    nothing yet: run `warehouse build --workspace {facts['workspace']}`")
        if facts["others"]:
            lines[-1] = "  published    the current publication is gone: run `warehouse rollback` or build"
    else:
        failed = [f"{check['name']} ({check['severity']})" for check in current["checks"] if not check["passed"]]
        lines += [
            f"  published    {current['build_id']}, {_age(current['published_at'])}",
            f"  as of        {current['as_of'] or 'no day: there is no data'}",
            f"  content      {current['tables']} tables, {current['rows']:,} rows; {current['rejected']:,} rejected",
            f"  code         {_code(current['code'])}",
            f"  checks       {len(current['checks']) - len(failed)} of {len(current['checks'])} passed"
            + (f"; not passed: {', '.join(failed)}" if failed else ""),
            f"  opened as    {facts['path']}",
        ]
    for other in facts["others"]:
        label = "earlier" if current and other["sequence"] < current["sequence"] else "later" if current else "kept"
        lines.append(f"  {label:<12} {other['build_id']}, {_age(other['published_at'])}, as of {other['as_of']}")
    running, failure = facts["running"], facts["last_failure"]
    if running:
        lines.append(
            f"  running      {running['command']} (PID {running['pid']}), started {_age(running['started_at'])}, "
            f"at stage '{running['stage']}'"
        )
    if facts["last_run"]:
        lines.append(f"  last run     {_run(facts['last_run'])}")
    if failure:
        lines.append(f"  last failure {_run(failure)}")
        if facts["succeeded_since"]:
            lines.append(f"               a {facts['succeeded_since']} has succeeded since")
        said = failure["error"].splitlines()
        lines += [f"               {line}" for line in said[:SHOWN_LINES]]
        if len(said) > SHOWN_LINES:
            lines.append(f"               and {len(said) - SHOWN_LINES} lines more: warehouse status --json")
    else:
        lines.append("  last failure none on record")
    return lines


def _facts(found: Publication) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "build_id": found.build_id,
        "sequence": found.sequence,
        "published_at": manifest["build"]["published_at"],
        "folder": str(found.folder),
        "as_of": manifest.get("as_of_on"),
        "tables": len(manifest["tables"]),
        "rows": sum(found.row_counts.values()),
        "rejected": sum(row["rows"] for row in manifest["rejected"]),
        "checks": manifest["checks"],
        "code": manifest["code"],
    }


def _ended(run: RunRecord) -> dict[str, Any]:
    """A run that is over; one that did not say so was killed."""
    if run.outcome not in ("running", "killed"):
        return asdict(run)
    return {
        **asdict(run),
        "outcome": "killed",
        "error": "It was killed, or the machine went down. What is published is whole, and the next run recovers.",
    }


def _succeeded_since(ended: list[RunRecord], failure: RunRecord) -> str | None:
    """The last command that worked after a failure, if it did the same or more."""
    since = [run for run in ended if run.number > failure.number and run.outcome == "succeeded"]
    wanted = {"build", failure.command}
    return next((run.command for run in reversed(since) if run.command in wanted), None)


def _run(run: dict[str, Any]) -> str:
    took = "" if run["seconds"] is None else f" after {run['seconds']:,.0f} s"
    at_stage = "" if run["outcome"] == "succeeded" else f" at stage '{run['stage']}'"
    if run["stage"] == NOTHING_CHANGED:
        at_stage = ", as nothing had changed"
    return f"{run['command']}, {run['outcome']}{took}{at_stage}, started {_age(run['started_at'])}"


def _code(code: dict[str, Any]) -> str:
    commit = f" ({code['commit'][:10]}{', changed' if code['is_changed'] else ''})" if code["commit"] else ""
    return f"{code['version']}{commit}"


def _age(moment: str) -> str:
    """How long ago, and when. A clock that was set back makes the past look like the future: then only when."""
    seconds = (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()
    shown = moment.replace("T", " ").replace("Z", " UTC")
    if seconds < 0:
        return f"at {shown}, which this machine's clock has not reached"
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit} ago ({shown})"
    return f"{seconds:.0f} seconds ago ({shown})"
