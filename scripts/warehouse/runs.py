"""One run at a time on a workspace, and a record of what the last ones did: `warehouse status` reads it.

The lock is the operating system's and goes with the processes that hold it: a killed run leaves none behind. The record
is by number; its times are for people to read, so that a clock set back changes nothing.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse import durable
from warehouse.dbt import prepare
from warehouse.errors import WarehouseError
from warehouse.faults import advice
from warehouse.workspace import Workspace

KEPT_RUNS = 50
# The last stage of a build that had nothing to do.
NOTHING_CHANGED = "nothing has changed"
SHOWN_CHARACTERS = 4000
ERASED = "What it said was erased with a person."
POLL_SECONDS = 0.1
# Whoever only looks whether a run is going on holds the lock for an instant.
PATIENCE_SECONDS = 0.5
# What a killed run started may need this long to be gone, where the system does not kill it too.
ENDING_SECONDS = 30.0


@dataclass(frozen=True)
class RunRecord:
    """A run as it is remembered.

    Attributes:
        number: counts up by one a run.
        command: which command of the command line, such as `build`.
        pid: its process.
        started_at: when, in UTC.
        stage: what it was doing last.
        outcome: running, succeeded, failed, or killed: it ended without a word.
        seconds: how long it took; nothing while it is running or if it was killed.
        error: why it failed.
    """

    number: int
    command: str
    pid: int
    started_at: str
    stage: str = "start"
    outcome: str = "running"
    seconds: float | None = None
    error: str = ""


class Run:
    """The run that holds a workspace."""

    def __init__(self, workspace: Workspace, command: str) -> None:
        """Records the start, and the end of those before that could not."""
        self._workspace = workspace
        self._started = time.monotonic()
        self._failure = ""
        earlier = [replace(run, outcome="killed") if run.outcome == "running" else run for run in read_runs(workspace)]
        number = earlier[-1].number + 1 if earlier else 1
        self._record = RunRecord(number, command, os.getpid(), now())
        self._earlier = earlier[-KEPT_RUNS + 1 :]
        self._write()

    def stage(self, name: str) -> None:
        """Records what the run does next."""
        self._record = replace(self._record, stage=name)
        self._write()

    def fail(self, reason: str) -> None:
        """Remembers that the run failed, though it goes on to its end."""
        self._failure = reason

    def forget_reasons(self) -> None:
        """Takes away why earlier runs failed: rows are named there, which may be a person's who is erased."""
        self._earlier = [replace(run, error=ERASED if run.error else "") for run in self._earlier]
        self._write()

    def end(self, error: BaseException | None = None) -> None:
        """Records how the run ended."""
        text = self._failure if error is None else _reason(error)
        self._record = replace(
            self._record,
            outcome="failed" if error or self._failure else "succeeded",
            seconds=round(time.monotonic() - self._started, 1),
            error=text[:SHOWN_CHARACTERS],
        )
        self._write()

    def _write(self) -> None:
        text = json.dumps([asdict(run) for run in [*self._earlier, self._record]], indent=2) + "\n"
        with suppress(OSError):  # a full disk has its own message; that it cannot be recorded is no second error
            durable.write_text(_record_file(self._workspace), text)


@contextmanager
def exclusive(workspace: Workspace, command: str = "run", wait: float = 0.0) -> Iterator[Run]:
    """Holds the workspace for one run and records it.

    Args:
        workspace: the workspace.
        command: what the run is, for the record and for whoever has to wait.
        wait: seconds to wait for another run to end.

    Raises:
        WarehouseError: another run holds it still, its folder cannot be written, or the disk is full.
    """
    prepare(workspace)
    with _locked(workspace, wait):
        _clear_spilled(workspace)
        run = Run(workspace, command)
        try:
            yield run
        except (OSError, MemoryError, duckdb.Error) as error:
            said = advice(workspace.folder, f"{type(error).__name__}: {error}")
            if said is None:
                run.end(error)
                raise
            explained = WarehouseError(f"{said} What is published is whole.\n  {error}")
            run.end(explained)
            raise explained from error
        except BaseException as error:
            run.end(None if getattr(error, "exit_code", 1) == 0 else error)
            raise
        run.end()


def read_runs(workspace: Workspace) -> list[RunRecord]:
    """The last runs, oldest first; none if their record is gone or damaged, for it is only a record."""
    try:
        return [RunRecord(**run) for run in json.loads(_record_file(workspace).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def is_running(workspace: Workspace) -> bool:
    """Whether a run holds the workspace now."""
    try:
        descriptor = os.open(_lock_file(workspace), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def now() -> str:
    """The time as it is shown: UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def _locked(workspace: Workspace, wait: float) -> Iterator[None]:
    try:
        descriptor = os.open(_lock_file(workspace), os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise WarehouseError(
            f"{advice(workspace.folder, str(error)) or 'The lock cannot be had.'}\n  {error}"
        ) from error
    try:
        _acquire(workspace, descriptor, wait)
        # what the run starts holds the lock too (warehouse.child)
        os.set_inheritable(descriptor, True)
        yield
    finally:
        os.close(descriptor)


def _acquire(workspace: Workspace, descriptor: int, wait: float) -> None:
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(workspace)
            patience = max(wait, PATIENCE_SECONDS if holder is None or _is_alive(holder.pid) else ENDING_SECONDS)
            if time.monotonic() - started >= patience:
                raise WarehouseError(_busy(workspace, holder, wait)) from None
        time.sleep(POLL_SECONDS)


def _busy(workspace: Workspace, holder: RunRecord | None, wait: float) -> str:
    if holder is None:
        who = ""
    elif _is_alive(holder.pid):
        who = f": `warehouse {holder.command}` (PID {holder.pid}), since {holder.started_at}, at stage '{holder.stage}'"
    else:
        who = f": what `warehouse {holder.command}` (PID {holder.pid}, killed) had started, at stage '{holder.stage}'"
    waited = f"It did not end within {wait:g} seconds. " if wait else ""
    return (
        f"Another run is working on the workspace '{workspace.name}'{who}. {waited}"
        "Wait for it to end, then try again, or let the command wait: --wait SECONDS."
    )


def _holder(workspace: Workspace) -> RunRecord | None:
    runs = read_runs(workspace)
    return runs[-1] if runs and runs[-1].outcome == "running" else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _reason(error: BaseException) -> str:
    if isinstance(error, WarehouseError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "It was stopped from the keyboard."
    if hasattr(error, "exit_code"):
        return f"It ended with exit status {error.exit_code}."
    return f"{type(error).__name__}: {error}"


def _clear_spilled(workspace: Workspace) -> None:
    """Deletes what a killed run had spilled to the disk; who still has a file open keeps it."""
    for path in (workspace.folder / "tmp").glob("duckdb_temp*"):
        with suppress(OSError):
            path.unlink()


def _lock_file(workspace: Workspace) -> Path:
    return workspace.folder / "lock"


def _record_file(workspace: Workspace) -> Path:
    return workspace.folder / "runs.json"
