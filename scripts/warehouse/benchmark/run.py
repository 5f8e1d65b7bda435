"""The benchmark in one run: what is measured when. What is compared, and how fairly, says benchmarks/results.md.

What is compared takes turns (full build, floor, Polars, pandas, full build, ...), so that other work on the machine
slows all of them, and the median of the turns counts. One more day and dbt's own time are taken three times in any
case: they are short, and what another process does for a moment weighs more.
"""

import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median, median_low
from time import perf_counter
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import Progress

from warehouse import durable
from warehouse.benchmark import compare, floor
from warehouse.benchmark.events import Traffic, write_days
from warehouse.benchmark.measure import (
    DbtRun,
    drop_from_memory,
    growth_exponent,
    read_through,
    run_dbt_measured,
    run_module,
)
from warehouse.benchmark.peers import PEERS
from warehouse.benchmark.readers import read, slowest_query
from warehouse.benchmark.web_part import FACTS, WebPart, web_part
from warehouse.dbt import BUILD, run_dbt, threads_for
from warehouse.demo import write_lake
from warehouse.errors import WarehouseError
from warehouse.load.sql import literal
from warehouse.runs import exclusive
from warehouse.workspace import Workspace, data_root, open_workspace, workspace_names

NAME = "benchmark"
# The workspace whose settings it takes: the demo company, from its raw lake.
SETTINGS = "demo_large"
# Fewer a day say nothing, and leave days without a cart or a log-in.
LEAST_EVENTS_A_DAY = 200
# Raw files, working database with what a rebuild leaves in it, the floor's database, a peer's files, publication, and
# what sorts spill: a million events were seen to take half of it.
DISK_BYTES_AN_EVENT = 1_000
DISK_BYTES_OF_COMPANY = 500_000_000
# Both peers hold all rows in memory: as measured on one and two million events, with room to spare.
PEER_BYTES_AN_EVENT = {"polars": 1_500, "pandas": 1_800}
PEER_SHARE_OF_MEMORY = 0.6
# The company has an account for every few thousand events, as far as its own generator, in Python, keeps up.
EVENTS_A_SCALE = 1_000_000
LARGEST_SCALE = 10.0
# dbt's own time on the demo is the difference of two runs: a single one was seen to say 20 to 31 ms of the same code.
OVERHEAD_TURNS = 3
# One after the other; the middle one counts.
DAYS_ADDED = 3
OPERATORS_SHOWN = 8
# Sizes measured so far: a run of hours may fail at its end.
MEASURED = "measured.json"
# What stays in the folder when all else is removed: these, the lock that is held, and the record of runs.
KEPT_FILES = ("lock", "runs.json", MEASURED)


@dataclass(frozen=True)
class Plan:
    """What is to be measured.

    Attributes:
        events: web events of all days together.
        days: sizes in days, smallest first; `DAYS_ADDED` more are added to each, one at a time.
        turns: how often full builds, floor and peers are measured.
        scale: size of the company around the events, as of `warehouse demo`.
        seed: of the events.
        with_peers: whether Polars and pandas are measured.
        with_readers: whether everything is built and published, and read.
        with_demo: whether dbt's own time is measured on the demo.
    """

    events: int
    days: tuple[int, ...] = (7, 30, 180, 365)
    turns: int = 3
    scale: float | None = None
    seed: int = 1
    with_peers: bool = True
    with_readers: bool = True
    with_demo: bool = True

    @property
    def events_per_day(self) -> int:
        """Events of a day, which all days have about."""
        return self.events // self.days[-1]

    @property
    def company_scale(self) -> float:
        """The scale given, or one that goes with the events."""
        return self.scale or min(LARGEST_SCALE, max(1.0, self.events / EVENTS_A_SCALE))

    def check(self) -> None:
        """Says what cannot be measured.

        Raises:
            WarehouseError: the sizes are none, or too small.
        """
        if not self.days or min(self.days) < 1:
            raise WarehouseError("--days takes sizes in days, such as 30,180,365.")
        gaps = zip(self.days, self.days[1:], strict=False)
        if any(larger - smaller < DAYS_ADDED for smaller, larger in gaps):
            raise WarehouseError(
                f"--days {','.join(map(str, self.days))}: {DAYS_ADDED} more days are added to each size, so that the"
                " next has to be that much larger. Take other sizes."
            )
        if self.events_per_day < LEAST_EVENTS_A_DAY:
            raise WarehouseError(
                f"{self.events:,} events on {self.days[-1]} days are {self.events_per_day} a day, too few to say"
                f" anything: take --events {LEAST_EVENTS_A_DAY * self.days[-1]} or more, or fewer --days."
            )


def benchmark(plan: Plan, console: Console, keep: bool = False, wait: float = 0.0) -> dict[str, Any]:
    """Measures everything in a folder of its own, which is emptied afterwards. Returns the content of results.json.

    Args:
        plan: what to measure.
        console: where progress is told.
        keep: leave what was built in the folder.
        wait: seconds to wait for another benchmark to end.

    Raises:
        WarehouseError: the plan or the disk is too small, what is compared does not have the same rows, something
            failed, or it was stopped from the keyboard.
    """
    plan.check()
    workspace = Workspace(NAME, open_workspace(SETTINGS).settings, (data_root() / NAME).resolve())
    for name in workspace_names():
        if name == NAME or open_workspace(name).folder == workspace.folder:
            raise WarehouseError(
                f"The benchmark works in {workspace.folder}, which is the folder of your workspace '{name}'. "
                "Set WAREHOUSE_DATA to another folder for the benchmark."
            )
    with exclusive(workspace, NAME, wait):
        _remove_all(workspace)
        measured = workspace.folder / MEASURED
        measured.unlink(missing_ok=True)
        _require_room(workspace, plan)
        try:
            results = Benchmark(workspace, plan, console).run()
            measured.unlink()
            return results
        except (KeyboardInterrupt, WarehouseError) as error:
            said = str(error) or "Stopped from the keyboard: there are no results, and nothing was changed."
            raise WarehouseError(
                f"{said}\nThe sizes measured until then: {measured}" if measured.exists() else said
            ) from None
        finally:
            if not keep:
                _remove_all(workspace)


class Benchmark:
    """One run of all measurements in a folder that holds nothing else."""

    def __init__(self, workspace: Workspace, plan: Plan, console: Console) -> None:
        """Takes what is to be measured where."""
        self.workspace, self.plan, self.console = workspace, plan, console
        self.demo = Workspace(f"{NAME}_demo", open_workspace("demo").settings, workspace.folder / "demo")
        self.company = workspace.folder / "company.duckdb"
        self.floor_database = workspace.folder / "floor.duckdb"
        self.peer_folder = workspace.folder / "peer"
        self.traffic: Traffic | None = None
        self.written = self.rows = 0
        self.steps = self.steps_done = 0
        self.part = WebPart((), ())
        # the statements of the last full build, which one more day may replace by others
        self.compiled: dict[str, str] = {}

    def run(self) -> dict[str, Any]:
        """Measures everything and returns the content of results.json."""
        plan = self.plan
        peers = sum(self._has_room_for(peer, self._events_until(days)) for peer in PEERS for days in plan.days)
        self.steps = (
            3
            + len(plan.days) * (plan.turns * 2 + DAYS_ADDED + 1)
            + plan.turns * peers
            + 3 * plan.with_readers
            + plan.with_demo
        )
        load = os.getloadavg()[0]
        self._build_company()
        sizes = []
        for days in plan.days:
            sizes.append(self._measure_size(days))
            durable.write_text(self.workspace.folder / MEASURED, json.dumps(sizes, indent=2) + "\n")
        profile = self._profile_slowest(sizes[-1])
        whole = self._measure_whole() if plan.with_readers else None
        overhead = self._measure_overhead() if plan.with_demo else None
        peaks = [size["full"]["peak_bytes"] for size in sizes] + ([whole["peak_bytes"]] if whole else [])
        return {
            **ratios(sizes),
            "peak_memory_gb": max(peaks) / 1e9,
            "dbt_ms_per_node": overhead["ms_per_node"] if overhead else None,
            "board_p95_ms": whole["readers"][-1]["warm_p95_ms"] if whole else None,
            "events": sizes[-1]["events"],
            "machine": {**_machine(), "load_before": load, "load_after": os.getloadavg()[0]},
            "plan": {
                "events": plan.events, "days": plan.days, "turns": plan.turns, "scale": plan.company_scale,
                "seed": plan.seed,
            },
            "sizes": sizes,
            "slowest_model": profile,
            "whole_build": whole,
            "dbt_overhead": overhead,
        }  # fmt: skip

    def _build_company(self) -> None:
        """Writes the company and builds what is not of the web, once: it is the same in every size."""
        scale = self.plan.company_scale
        with self._step(f"Writing the demo company of scale {scale:g}"):
            write_lake(self.workspace.raw_lake, scale, workers=os.cpu_count() or 1)
        # its own web events are dirty on purpose, and few
        for file in (self.workspace.raw_lake / "demo_web" / "events").glob("part-*.parquet"):
            file.unlink()
        contacts = literal(str(self.workspace.raw_lake / "demo_crm" / "contacts" / "*.parquet"))
        with duckdb.connect() as connection:
            known = connection.execute(
                f"select distinct contact_no from read_parquet({contacts}) where contact_no is not null order by all"
            ).fetchall()
        self.traffic = Traffic(self.plan.events_per_day, self.plan.days[-1], [row[0] for row in known], self.plan.seed)
        self._write_until(1)
        with self._step("Building the company around the web events"):
            run_dbt_measured(self.workspace, ["run", "--select", *(f"+{fact}" for fact in FACTS)], threads=None)
        self.part = web_part(self.workspace)
        floor.export_company(self.workspace.working_database, self.company)

    def _measure_size(self, days: int) -> dict[str, Any]:
        self._write_until(days)
        events, turns = self.rows, range(self.plan.turns)
        builds: list[DbtRun] = []
        floors: list[dict[str, Any]] = []
        funnels: list[float] = []
        peers: dict[str, list[dict[str, Any]]] = {
            name: [] for name in PEERS if self._has_room_for(name, self._events_until(days))
        }
        for turn in turns:
            label = f"{days} days, {events:,} events, turn {turn + 1}"
            with self._step(f"{label}: full build of the web part"):
                builds.append(self._build(full=True))
            started = perf_counter()
            ours = compare.funnel(self.workspace)
            funnels.append(perf_counter() - started)
            with self._step(f"{label}: the floor"):
                floors.append(self._floor(turn == 0))
            for name, measured in peers.items():
                with self._step(f"{label}: {name}"):
                    measured.append(self._peer(name, ours, turn == 0))
        full = _middle(builds, self.part.models)
        self.compiled = full.compiled
        return {
            "days": days,
            "events": events,
            "full": {
                "seconds": median(run.seconds_of(self.part.models) for run in builds),
                "all_seconds": [run.seconds_of(self.part.models) for run in builds],
                "sessions_and_events_seconds": median(
                    run.seconds_of(self.part.sessions_and_events) + seconds
                    for run, seconds in zip(builds, funnels, strict=True)
                ),
                "command_seconds": median(run.seconds for run in builds),
                "engine_seconds": full.engine_seconds,
                "dbt_seconds": full.dbt_seconds,
                "start_up_seconds": full.start_up_seconds,
                "peak_bytes": max(run.peak_bytes for run in builds),
                "nodes": {name: full.nodes[name] for name in self.part.models if name in full.nodes},
            },
            "floor": _summary(floors),
            **{name: _summary(measured) for name, measured in peers.items()},
            "day": self._measure_days(days),
            "working_database_bytes": self.workspace.working_database.stat().st_size,
            "raw_bytes": sum(file.stat().st_size for file in self.workspace.raw_lake.glob("demo_web/events/*")),
        }

    def _measure_days(self, days: int) -> dict[str, Any]:
        runs, arrived = [], []
        for added in range(DAYS_ADDED):
            before = self.rows
            self._write_until(days + added + 1)
            arrived.append(self.rows - before)
            with self._step(f"{days + added} days and one more"):
                runs.append(self._build(full=False))
        grown = compare.fingerprints(self.workspace)
        with self._step(f"{days + DAYS_ADDED} days: full build, to compare"):
            compared = self._build(full=True)
        differing = compare.differing(grown, compare.fingerprints(self.workspace))
        if differing:
            raise WarehouseError(
                f"One more day on {days} days does not give what a full refresh gives, in {', '.join(differing)}: "
                f"rows and hashes after the days {grown}."
            )
        middle = _middle(runs, self.part.models)
        return {
            "events": round(median(arrived)),
            "seconds": median(run.seconds_of(self.part.models) for run in runs),
            "all_seconds": [run.seconds_of(self.part.models) for run in runs],
            "command_seconds": median(run.seconds for run in runs),
            "peak_bytes": max(run.peak_bytes for run in runs),
            "nodes": {name: middle.nodes[name] for name in self.part.models if name in middle.nodes},
            "equals_full_refresh": True,
            "full_refresh": {"events": self.rows, "seconds": compared.seconds_of(self.part.models)},
        }

    def _build(self, full: bool) -> DbtRun:
        self._read_through_events()
        if not full:
            read_through(self.workspace.working_database)
        # of a day nobody asks for the engine's share, and logging each statement is a part of it that no user's day has
        return run_dbt_measured(
            self.workspace,
            ["run", "--select", *self.part.models, *(["--full-refresh"] if full else [])],
            with_statements=full,
        )

    def _read_through_events(self) -> None:
        read_through(*sorted(self.workspace.raw_lake.glob("demo_web/events/*")))

    def _floor(self, is_compared: bool) -> dict[str, Any]:
        self._read_through_events()
        measured = run_module(
            self.workspace, "floor", str(self.workspace.raw_lake), str(self.company), str(self.floor_database)
        )
        if is_compared:
            compare.floor_has_the_same_rows(self.workspace, self.floor_database)
        drop_from_memory(self.floor_database)
        return {"statements": measured["seconds"], "seconds": sum(measured["seconds"].values()), **_peak(measured)}

    def _peer(self, name: str, ours: dict[str, int], is_compared: bool) -> dict[str, Any]:
        self.peer_folder.mkdir(exist_ok=True)
        self._read_through_events()
        measured = run_module(
            self.workspace, "peers", name, str(self.workspace.raw_lake), str(self.company), str(self.peer_folder)
        )
        if is_compared:
            compare.peer_has_the_same_rows(self.workspace, name, self.peer_folder, measured["funnel"], ours)
        shutil.rmtree(self.peer_folder)
        return {"seconds": measured["seconds"], "funnel": measured["funnel"], **_peak(measured)}

    def _profile_slowest(self, largest: dict[str, Any]) -> dict[str, Any]:
        """EXPLAIN ANALYZE of the model that takes longest in a full build; its statement runs without being written."""
        name = max(largest["full"]["nodes"], key=lambda node: largest["full"]["nodes"][node])
        statement = self.workspace.folder / "statement.sql"
        statement.write_text(self.compiled[name], encoding="utf-8")
        temporary = str(self.workspace.folder / "tmp")
        with self._step(f"Profile of {name}"):
            profiled = run_module(
                self.workspace, "explain", str(self.workspace.working_database), temporary, str(statement)
            )
        all_threads = sum(operator["seconds"] for operator in profiled["operators"])
        return {
            "model": name,
            "seconds": largest["full"]["nodes"][name],
            "seconds_of_all_threads": all_threads,
            "operators": profiled["operators"][:OPERATORS_SHOWN],
        }

    def _measure_whole(self) -> dict[str, Any]:
        with self._step("All models and tests, as `warehouse build` runs them"):
            built = run_dbt_measured(
                self.workspace, [*BUILD, "--full-refresh"], threads=threads_for(self.workspace), may_fail=True
            )
        with self._step("Metrics, audit and publication"):
            rest = run_module(self.workspace, "after_dbt", SETTINGS, NAME, str(self.workspace.folder))
        publication = Path(rest.pop("publication"))
        with self._step("Readers of the publication"):
            latencies = [read(publication, count) for count in (1, 8)]
            slowest = slowest_query(publication)
        return {
            "nodes": len(built.nodes),
            "dbt_command_seconds": built.seconds,
            "engine_seconds": built.engine_seconds,
            "dbt_seconds": built.dbt_seconds,
            "start_up_seconds": built.start_up_seconds,
            "failed": built.failed,
            **rest,
            "peak_bytes": max(built.peak_bytes, rest["peak_bytes"]),
            "readers": latencies,
            "slowest_query": {"name": slowest[0], "warm_ms": slowest[1]},
            "slowest_nodes": dict(sorted(built.nodes.items(), key=lambda node: -node[1])[:15]),
        }

    def _measure_overhead(self) -> dict[str, Any]:
        with self._step("dbt's own time on the demo"):
            return overhead(self.demo)

    def _events_until(self, days: int) -> int:
        return self.plan.events_per_day * days

    def _has_room_for(self, peer: str, events: int) -> bool:
        return self.plan.with_peers and events * PEER_BYTES_AN_EVENT[peer] < PEER_SHARE_OF_MEMORY * _memory_bytes()

    def _write_until(self, days: int) -> None:
        if days <= self.written:
            return
        # where there is no terminal, the steps are told and no bar is drawn
        with Progress(console=self.console, transient=True, disable=not self.console.is_terminal) as progress:
            task = progress.add_task(f"Writing events up to day {days}", total=days, completed=self.written)
            for rows in write_days(self.workspace.raw_lake, self.traffic, range(self.written, days)):
                self.rows += rows
                progress.advance(task)
        self.written = days

    @contextmanager
    def _step(self, text: str) -> Iterator[None]:
        self.steps_done += 1
        label = f"[{self.steps_done}/{self.steps}] {text}"
        started = perf_counter()
        with self.console.status(label.replace("[", r"\[")):
            yield
        self.console.print(f"{label} ({perf_counter() - started:.1f} s)", highlight=False, markup=False)


def overhead(demo: Workspace, *select: str) -> dict[str, Any]:
    """What dbt itself takes for a node of the demo, all nodes one after the other, its start-up apart.

    Args:
        demo: a workspace with the demo's settings.
        select: only these nodes, in dbt's words.
    """
    # so that the runs that are measured find the project parsed, as every run but the first does
    if run_dbt(demo, ["--quiet", "parse"]) != 0:
        raise WarehouseError("dbt cannot read the project.")
    command = [*BUILD, *(["--select", *select] if select else [])]
    turns = sorted((_overhead(demo, command) for _ in range(OVERHEAD_TURNS)), key=lambda turn: turn["ms_per_node"])
    return {**turns[len(turns) // 2], "all_ms_per_node": [turn["ms_per_node"] for turn in turns]}


def _overhead(demo: Workspace, command: list[str]) -> dict[str, Any]:
    # twice: logging each statement, as the engine's time is known by, is work of dbt's that no other build has
    engine_seconds = run_dbt_measured(demo, command, may_fail=True).engine_seconds
    built = run_dbt_measured(demo, command, may_fail=True, with_statements=False)
    dbt_seconds = built.node_seconds - engine_seconds
    return {
        "nodes": len(built.nodes),
        "seconds": built.seconds,
        "engine_seconds": engine_seconds,
        "dbt_seconds": dbt_seconds,
        "start_up_seconds": built.start_up_seconds,
        "ms_per_node": 1000 * dbt_seconds / len(built.nodes),
        "failed": built.failed,
    }


def ratios(sizes: list[dict[str, Any]]) -> dict[str, float | None]:
    """The ratios of the web part, by what was measured of each size, smallest first."""
    largest = sizes[-1]
    # also those that the extra days were compared with
    full_builds = [
        build
        for size in sizes
        for build in ({"events": size["events"], "seconds": size["full"]["seconds"]}, size["day"]["full_refresh"])
    ]
    base = next((size for size in sizes[:-1] if size["days"] >= 30), sizes[0])
    return {
        "full_build_over_floor": largest["full"]["seconds"] / largest["floor"]["seconds"],
        "growth_exponent": growth_exponent(
            [build["events"] for build in full_builds], [build["seconds"] for build in full_builds]
        ),
        "day_on_365_over_day_on_30": (
            largest["day"]["seconds"] / base["day"]["seconds"] if base is not largest else None
        ),
        "day_over_full_build": largest["day"]["seconds"] / largest["full"]["seconds"],
        **{f"{name}_over_ours": _peer_over_ours(sizes, name) for name in PEERS},
    }


def _peer_over_ours(sizes: list[dict[str, Any]], name: str) -> float | None:
    """At the largest size that the peer was given."""
    size = next((size for size in reversed(sizes) if name in size), None)
    return size[name]["seconds"] / size["full"]["sessions_and_events_seconds"] if size else None


def _middle(runs: list[DbtRun], models: tuple[str, ...]) -> DbtRun:
    seconds = [run.seconds_of(models) for run in runs]
    return runs[seconds.index(median_low(seconds))]


def _summary(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of some turns, and the rest of what the first said."""
    return {
        **turns[0],
        "seconds": median(turn["seconds"] for turn in turns),
        "all_seconds": [turn["seconds"] for turn in turns],
        "peak_bytes": max(turn["peak_bytes"] for turn in turns),
        "equals_ours": True,
    }


def _peak(measured: dict[str, Any]) -> dict[str, int]:
    return {"peak_bytes": measured["peak_bytes"]}


def _require_room(workspace: Workspace, plan: Plan) -> None:
    needed = plan.events * DISK_BYTES_AN_EVENT + DISK_BYTES_OF_COMPANY
    free = shutil.disk_usage(workspace.folder).free
    if free < needed:
        raise WarehouseError(
            f"{plan.events:,} events need some {needed / 1e9:.1f} GB; the disk that holds {workspace.folder} has "
            f"{free / 1e9:.1f} GB free. Take fewer --events, make room, or set WAREHOUSE_DATA to another disk."
        )


def _remove_all(workspace: Workspace) -> None:
    for path in workspace.folder.iterdir():
        if path.name in KEPT_FILES:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _machine() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(_memory_bytes() / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {
            name: version(name)
            for name in ("duckdb", "dbt-core", "dbt-duckdb", *(peer for peer in PEERS if find_spec(peer)))
        },
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
