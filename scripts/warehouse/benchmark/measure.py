"""The measurements: processes with their time and memory, dbt's runs split into engine and overhead, and arithmetic."""

import json
import math
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse import child
from warehouse.dbt import DBT, FAILED, prepare
from warehouse.errors import WarehouseError
from warehouse.faults import advice
from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace

SAMPLE_SECONDS = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# What getrusage counts memory in.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
SHOWN_CHARACTERS = 3000
READ_BYTES = 16 * 1024**2

Interval = tuple[float, float]


@dataclass(frozen=True)
class Finished:
    """A program that has ended.

    Attributes:
        status: its exit status.
        output: what it printed.
        seconds: wall time.
        peak_bytes: the most memory that it and its children held at a time.
    """

    status: int
    output: str
    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class DbtRun:
    """A dbt command.

    Attributes:
        seconds: wall time.
        peak_bytes: the most memory at a time.
        nodes: seconds by node, its compilation included; hooks too, which may do work of models.
        node_seconds: wall time from the first node's start to the last one's end.
        engine_seconds: of those, the time in which at least one statement ran in the engine; 0 if none was logged.
        compiled: the statement of each model, as it was sent.
        failed: what dbt said of each node that failed, by its name.
    """

    seconds: float
    peak_bytes: int
    nodes: dict[str, float]
    node_seconds: float
    engine_seconds: float
    compiled: dict[str, str]
    failed: dict[str, str]

    @property
    def dbt_seconds(self) -> float:
        """Dbt's own time at the nodes: nothing ran in the engine."""
        return self.node_seconds - self.engine_seconds

    @property
    def start_up_seconds(self) -> float:
        """Dbt's time before the first node and after the last: start, parsing, hooks, artifacts."""
        return self.seconds - self.node_seconds

    def seconds_of(self, names: Iterable[str]) -> float:
        """What some nodes and the hooks took together; one after the other, if dbt ran with one thread."""
        return sum(self.nodes.get(name, 0.0) for name in names) + sum(
            seconds for name, seconds in self.nodes.items() if name.startswith("hook ")
        )


def read_through(*paths: Path) -> None:
    """Brings files into the system's memory, as far as they fit: what a run takes must not depend on the one before."""
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.read(READ_BYTES):
                pass


def drop_from_memory(path: Path) -> None:
    """Makes the system forget a file: who reads it reads the disk, and its room in memory is for others."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)  # only what is on the disk can be forgotten
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def run_measured(command: Sequence[object], **options: Any) -> Finished:
    """Runs a program to its end; options are those of subprocess.Popen.

    What others wrote before is on the disk by then, so that a program does not pay for it.
    """
    os.sync()
    started = time.perf_counter()
    with child.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options) as process:
        peaks = [0]
        has_ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peaks, has_ended), daemon=True)
        watcher.start()
        try:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            has_ended.set()
    seconds = time.perf_counter() - started
    # what the system reports at the end also counts what this process holds, of which a new one is a copy for a moment
    return Finished(process.returncode, output, seconds, peaks[0] or usage.ru_maxrss * MAXRSS_BYTES)


def run_module(workspace: Workspace, module: str, *arguments: str) -> dict[str, Any]:
    """Runs a module of this package in a process of its own; returns the JSON it prints last, and `peak_bytes`.

    Raises:
        WarehouseError: it failed.
    """
    finished = run_measured(
        [sys.executable, "-m", f"warehouse.benchmark.{module}", *arguments], env=workspace.dbt_environment()
    )
    if finished.status != 0:
        raise WarehouseError(_failure(workspace, f"{module} {' '.join(arguments[:1])}", finished))
    return {**json.loads(finished.output.splitlines()[-1]), "peak_bytes": finished.peak_bytes}


def run_dbt_measured(
    workspace: Workspace,
    arguments: Sequence[str],
    threads: int | None = 1,
    may_fail: bool = False,
    with_statements: bool = True,
) -> DbtRun:
    """Runs dbt; one node at a time by default, so that the times of nodes can be added.

    Args:
        workspace: the workspace.
        arguments: a dbt command with its options.
        threads: how many nodes at a time; None is what the profile says.
        may_fail: whether nodes may fail; they are named in the result.
        with_statements: whether dbt logs each statement, which takes it a quarter longer, but without which nothing is
            known of the engine's time.

    Raises:
        WarehouseError: dbt failed, and may not.
    """
    prepare(workspace)
    log, results = workspace.folder / "logs" / "dbt.log", workspace.target / "run_results.json"
    log.unlink(missing_ok=True)
    results.unlink(missing_ok=True)
    with_threads = ["--threads", str(threads)] if threads else []
    logged = ("--log-format-file", "json", "--log-level-file", "debug", "--log-file-max-bytes", "0")
    finished = run_measured(
        [
            *DBT,
            *(logged if with_statements else ()),
            "--quiet",
            *workspace.dbt_arguments([*arguments, *with_threads]),
        ],
        cwd=PROJECT_ROOT,
        env=workspace.dbt_environment(),
    )
    if not results.is_file() or (finished.status != 0 and not may_fail):
        raise WarehouseError(_failure(workspace, f"dbt {arguments[0]}", finished))
    found = json.loads(results.read_text(encoding="utf-8"))["results"]
    timings = [timing for result in found if not _is_hook(result) for timing in result["timing"]]
    first = min((_moment(timing["started_at"]) for timing in timings), default=0.0)
    last = max((_moment(timing["completed_at"]) for timing in timings), default=0.0)
    return DbtRun(
        seconds=finished.seconds,
        peak_bytes=finished.peak_bytes,
        nodes={_name(result): result["execution_time"] for result in found},
        node_seconds=last - first,
        engine_seconds=(
            covered(statements(log.read_text(encoding="utf-8").splitlines()), first, last) if with_statements else 0.0
        ),
        compiled={_name(result): result["compiled_code"] for result in found if result.get("compiled_code")},
        failed=failures(found),
    )


def failures(results: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What dbt said of each node that failed, on one line, by the node's name."""
    return {
        _name(result): " ".join((result.get("message") or "dbt said nothing").split())
        for result in results
        if result["status"] in FAILED
    }


def statements(log_lines: Iterable[str]) -> list[Interval]:
    """When the statements ran that dbt sent to the engine, by its log in JSON."""
    found = []
    for line in log_lines:
        if '"SQLQueryStatus"' not in line:
            continue
        event = json.loads(line)
        if event["info"]["name"] == "SQLQueryStatus":
            ended = _moment(event["info"]["ts"])
            found.append((ended - event["data"]["elapsed"], ended))
    return found


def covered(intervals: Iterable[Interval], first: float, last: float) -> float:
    """How much of the time from first to last at least one interval covers."""
    total, reached = 0.0, first
    for begin, end in sorted(intervals):
        begin, end = max(begin, reached), min(end, last)
        if end > begin:
            total += end - begin
            reached = end
    return total


def growth_exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float | None:
    """Slope of the least-squares line of log seconds on log size: 1 is in proportion. None for a single size."""
    if len(set(sizes)) < 2:
        return None
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _watch(pid: int, peaks: list[int], has_ended: threading.Event) -> None:
    while not has_ended.wait(SAMPLE_SECONDS):
        together = sum(_resident_bytes(member) for member in _tree(pid))
        peaks.append(max(peaks.pop(), together, _highest_bytes(pid)))


def _tree(pid: int) -> list[int]:
    """A process and all that descend from it; nothing where the system has no /proc."""
    members, waiting = [], [pid]
    while waiting:
        member = waiting.pop()
        members.append(member)
        for children in Path(f"/proc/{member}/task").glob("*/children"):
            try:
                waiting += [int(found) for found in children.read_text().split()]
            except OSError:  # it ended meanwhile
                continue
    return members


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def _highest_bytes(pid: int) -> int:
    """The most that a process held alone: exact, also of what came and went between two looks."""
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    except OSError:
        return 0


def _failure(workspace: Workspace, what: str, finished: Finished) -> str:
    output = finished.output.strip()
    said = advice(workspace.folder, output)
    killed = "It was killed; if nobody did it, the system did, for want of memory." if finished.status < 0 else None
    hints = [hint for hint in (said, killed) if hint]
    return "\n".join([f"{what} failed while it was measured.", *hints, output[-SHOWN_CHARACTERS:]])


def _name(result: dict[str, Any]) -> str:
    return f"{'hook ' if _is_hook(result) else ''}{result['unique_id'].split('.')[2]}"


def _is_hook(result: dict[str, Any]) -> bool:
    return result["unique_id"].startswith("operation.")


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
