"""Runs dbt as a subprocess (its own runner would keep the DuckDB file locked) and shows its progress."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from warehouse import child
from warehouse.errors import WarehouseError
from warehouse.faults import advice
from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace

DBT = (sys.executable, "-m", "warehouse.dbt_process")
# Unit tests prove code, which no new data change, and cost more than all models of a small company: `make test` and
# `dbt build` run them, the builds of every day do not.
BUILD = ("build", "--exclude-resource-type", "unit_test")
# Nodes at work at once share what DuckDB may take of memory (profiles.yml), and beside a large one another may find
# nothing left: with 12 million web events, 230 MB of raw files, and a limit of 1 GB fct_sessions did; alone it did not.
LARGE_LAKE_BYTES = 200 * 1000**2
RESULT_EVENTS = {"LogModelResult", "LogSeedResult", "LogTestResult", "LogHookEndLine"}
FAILED = {"error", "fail", "runtime error"}
SHOWN_ROWS = 3
SHOWN_CHARACTERS = 400


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test ended.

    Attributes:
        name: node name, such as `kpi_board` or `unique_orders_order_id`.
        kind: `model`, `seed`, `test` or `operation`.
        status: dbt's word for it: success, pass, warn, error, fail, skipped.
        message: dbt's explanation, on one line; empty when there is none.
        seconds: execution time.
    """

    name: str
    kind: str
    status: str
    message: str
    seconds: float


def run_dbt(workspace: Workspace, arguments: list[str]) -> int:
    """Runs any dbt command on a workspace, its output going to the terminal. Returns dbt's exit status."""
    prepare(workspace)
    command = [*DBT, *workspace.dbt_arguments(arguments)]
    return child.run(command, cwd=PROJECT_ROOT, env=workspace.dbt_environment()).returncode


def threads_for(workspace: Workspace) -> int | None:
    """How many nodes a build works on at a time: of large data one, which all memory is for; None is the profile's."""
    raw_bytes = sum(path.stat().st_size for path in workspace.raw_lake.rglob("*") if path.is_file())
    return 1 if raw_bytes > LARGE_LAKE_BYTES else None


def build_with_progress(workspace: Workspace, arguments: list[str], console: Console) -> list[NodeResult]:
    """Runs `dbt build`, without unit tests, with a progress bar.

    Raises:
        WarehouseError: a model, seed or test failed; the message names each and says where the log is.
    """
    prepare(workspace)
    (workspace.target / "run_results.json").unlink(missing_ok=True)
    threads = threads_for(workspace)
    with_threads = ["--threads", str(threads)] if threads else []
    command = [*DBT, *workspace.dbt_arguments(["--log-format", "json", *BUILD, *with_threads, *arguments])]
    errors: list[str] = []
    with (
        child.start(
            command,
            cwd=PROJECT_ROOT,
            env=workspace.dbt_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        _progress(console) as progress,
    ):
        task = progress.add_task("Reading the project", total=None)
        for event in _events(process.stdout, errors):
            if event["info"]["name"] in RESULT_EVENTS and event["data"].get("total"):
                progress.update(task, description="Building", total=event["data"]["total"], advance=1)
    results = _node_results(workspace)
    if process.returncode != 0:
        raise_if_locked(errors)
        rows = _failing_rows(workspace)
        failures = [
            "\n    ".join([f"{r.kind} {r.name}: {r.message}", *rows.get(r.name, [])])
            for r in results
            if r.status in FAILED
        ] or errors
        if process.returncode < 0:
            name = signal.Signals(-process.returncode).name
            hint = "If nobody did it, the system did, for want of memory: set WAREHOUSE_MEMORY_LIMIT lower."
            failures.insert(0, f"dbt was killed ({name}). {hint}")
        said = advice(workspace.folder, "\n".join([*failures, *errors]))
        raise WarehouseError(
            "dbt build failed; the publication is unchanged.\n  "
            + "\n  ".join(failures[:10])
            + (f"\n  and {len(failures) - 10} more" if len(failures) > 10 else "")
            + (f"\n{said}" if said else "")
            + f"\nThe full log is {workspace.folder / 'logs' / 'dbt.log'}."
        )
    return results


def raise_if_locked(errors: list[str]) -> None:
    """Says who has the working database open, when that is what errors are about.

    Raises:
        WarehouseError: it is.
    """
    for error in errors:
        holder = re.search(r"Could not set lock on file .*?Conflicting lock is held in (.*?\(PID \d+\))", error)
        if holder:
            raise WarehouseError(
                f"The working database is in use by {holder[1]}: a build that is still ending, or a program that "
                "should open the publication instead. Wait for it or close it, then try again; "
                "the publication is unchanged."
            )


def prepare(workspace: Workspace) -> None:
    """Makes the folders that dbt writes to.

    Raises:
        WarehouseError: they cannot be made.
    """
    try:
        (workspace.folder / "tmp").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        otherwise = f"Cannot write to {workspace.folder}. Set WAREHOUSE_DATA to another folder."
        raise WarehouseError(f"{advice(workspace.folder, str(error)) or otherwise}\n  {error}") from error


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _events(lines: Any, errors: list[str]) -> Iterator[dict[str, Any]]:
    """Dbt's log events; error messages, and lines that are no event, are collected in `errors`."""
    for line in lines:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            event = None
        if not isinstance(event, dict) or "info" not in event:
            errors.append(line.strip())
            continue
        message = _one_line(event["info"]["msg"])
        if event["info"]["level"] == "error" and message and not message.startswith("Traceback"):
            errors.append(message)
        yield event


def _node_results(workspace: Workspace) -> list[NodeResult]:
    path = workspace.target / "run_results.json"
    if not path.is_file():
        return []
    return [
        NodeResult(
            name=_node_name(result["unique_id"]),
            kind=result["unique_id"].split(".")[0],
            status=result["status"],
            message=_one_line(result["message"] or ""),
            seconds=result["execution_time"],
        )
        for result in json.loads(path.read_text(encoding="utf-8"))["results"]
    ]


def _failing_rows(workspace: Workspace) -> dict[str, list[str]]:
    """Name of a failed test -> what it says of itself, and the first rows that fail it."""
    path = workspace.target / "run_results.json"
    if not path.is_file():
        return {}
    failed = {
        result["unique_id"]: result["compiled_code"]
        for result in json.loads(path.read_text(encoding="utf-8"))["results"]
        if result["status"] == "fail" and result["unique_id"].startswith("test.") and result.get("compiled_code")
    }
    if not failed:
        return {}
    nodes = json.loads((workspace.target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    said = {}
    with suppress(duckdb.Error), duckdb.connect(str(workspace.working_database), read_only=True) as connection:
        for unique_id, query in failed.items():
            lines = [_one_line(nodes[unique_id].get("description") or "")]
            with suppress(duckdb.Error):
                found = connection.execute(f"select * from ({query}\n) limit {SHOWN_ROWS}")
                columns = [column for column, *_ in found.description]
                lines += [
                    shorten("row: " + ", ".join(map("{} {}".format, columns, row)), SHOWN_CHARACTERS, placeholder=" …")
                    for row in found.fetchall()
                ]
            said[_node_name(unique_id)] = [line for line in lines if line]
    return said


def _node_name(unique_id: str) -> str:
    return unique_id.split(".")[2]


def _one_line(message: str) -> str:
    return " ".join(re.sub(r"\x1b\[\d+m", "", message).split())
