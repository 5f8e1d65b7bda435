"""The measurements: processes with their time and memory, dbt runs split into engine and overhead, and readers."""

import json
import math
import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import duckdb

from warehouse.dbt import DBT, prepare
from warehouse.errors import WarehouseError
from warehouse.project import PROJECT_ROOT
from warehouse.workspace import Workspace

# What a reader of the board and of the work lists asks, one query a list.
QUERIES = {
    "board": "select * from kpi_board order by month_start, metric_position",
    "board by segment": "select * from kpi_board_segments",
    "overdue customers": "select * from kpi_account_profile where is_overdue order by overdue_ratio desc limit 50",
    "deals closing soon": "select * from kpi_deals_closing_soon",
    "agreements due": "select * from kpi_agreements_due",
    "quotes in negotiation": "select * from kpi_quote_outlook",
    "open invoices": "select * from kpi_open_invoices limit 200",
    "traffic by month": "select month, sum(sessions) from kpi_traffic group by month order by month",
    "sources": "select * from kpi_source_conversion limit 200",
}


@dataclass(frozen=True)
class DbtRun:
    """A dbt command.

    Attributes:
        seconds: wall time.
        engine_seconds: what the statements took that dbt sent to the engine.
        nodes: seconds by name.
        failed: names of the nodes that failed.
        peak_bytes: most memory at a time.
    """

    seconds: float
    engine_seconds: float
    nodes: dict[str, float]
    failed: list[str]
    peak_bytes: int


def run_dbt_measured(workspace: Workspace, arguments: list[str], may_fail: bool = False) -> DbtRun:
    """Runs dbt one node at a time, so that the times of nodes can be added.

    Raises:
        WarehouseError: it failed, and may not.
    """
    prepare(workspace)
    log = workspace.folder / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    results = workspace.target / "run_results.json"
    results.unlink(missing_ok=True)
    options = ["--threads", "1"] if arguments[0] != "parse" else []
    command = [
        str(DBT), "--log-format-file", "json", "--log-level-file", "debug", "--quiet",
        *workspace.dbt_arguments([*arguments, *options]),
    ]  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=PROJECT_ROOT, env=workspace.dbt_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode != 0 and not may_fail:
        raise WarehouseError(f"dbt {' '.join(arguments)} failed:\n{output[-3000:]}")
    nodes, failed = {}, []
    if results.is_file():
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]:
            name = result["unique_id"].split(".")[2]
            nodes[name] = result["execution_time"]
            if result["status"] in ("error", "fail"):
                failed.append(name)
    return DbtRun(seconds, _engine_seconds(log), nodes, failed, usage.ru_maxrss * 1024)


def run_measured(module: str, *arguments: str) -> dict[str, Any]:
    """Runs a module of this package in a process of its own and returns the JSON that it prints.

    Raises:
        WarehouseError: it failed.
    """
    process = subprocess.run(
        [sys.executable, "-m", f"warehouse.benchmark.{module}", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if process.returncode != 0:
        raise WarehouseError(f"{module} {' '.join(arguments)} failed:\n{process.stderr[-2000:]}")
    return json.loads(process.stdout.splitlines()[-1])


def content_of(database: Path, tables: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    """Number of rows and sum of their hashes by table: equal for the same rows in any order."""
    with duckdb.connect(str(database), read_only=True, config={"memory_limit": "2GB"}) as connection:
        return {
            table: connection.execute(
                f"select count(*), coalesce(sum(cast(hash(facts) as hugeint)), 0) from {table} as facts"
            ).fetchone()
            for table in tables
        }


def growth_exponent(sizes: list[float], seconds: list[float]) -> float | None:
    """Slope of log seconds on log size: 1 is in proportion. None with fewer than two sizes."""
    if len(sizes) < 2:
        return None
    x, y = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)


def readers(publication: Path, count: int, turns: int) -> dict[str, float]:
    """Latency in milliseconds of all queries: the first time, and p50 and p95 of the later times, by some readers."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(count) as pool:
        measured = pool.starmap(_read, [(str(publication), turns)] * count)
    cold = [first for first, _ in measured]
    warm = [second for _, later in measured for second in later]
    cuts = quantiles(warm, n=100, method="inclusive")
    return {"cold": max(max(times) for times in cold), "warm_p50": cuts[49], "warm_p95": cuts[94]}


def _read(publication: str, turns: int) -> tuple[list[float], list[float]]:
    times: list[list[float]] = []
    with duckdb.connect(publication, read_only=True, config={"threads": 1}) as connection:
        for _ in range(turns + 1):
            times.append([])
            for query in QUERIES.values():
                started = time.perf_counter()
                connection.execute(query).fetchall()
                times[-1].append((time.perf_counter() - started) * 1000)
    return times[0], [time for turn in times[1:] for time in turn]


def _engine_seconds(log: Path) -> float:
    seconds = 0.0
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if event["info"]["name"] == "SQLQueryStatus":
            seconds += event["data"]["elapsed"]
    return seconds
