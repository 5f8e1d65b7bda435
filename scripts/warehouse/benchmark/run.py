"""The benchmark in one run: what is measured when. docs and thresholds: issue *Speed* and benchmarks/results.md."""

import os
import platform
import shutil
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.progress import Progress

from warehouse.benchmark.events import Traffic, write_days
from warehouse.benchmark.measure import (
    DbtRun,
    content_of,
    growth_exponent,
    readers,
    run_dbt_measured,
    run_measured,
)
from warehouse.benchmark.peers import FUNNEL
from warehouse.demo import write_lake
from warehouse.errors import WarehouseError
from warehouse.publication import publish
from warehouse.workspace import Workspace, open_workspace

# Days after which one more day is added, of a year; the first size stands for a company that has just begun.
DAYS = (7, 30, 180, 365)
# The models that do what the floor does, and those of the same work as Polars and pandas.
SAME_WORK = (
    "stg_demo_web__web_events", "screened_web_events_read", "screened_web_events_repeated", "screened_web_events",
    "int_web_visitors_touched", "int_web_events_touched", "int_web_events_flagged", "int_web_events_placed",
    "int_web_sessions",
)  # fmt: skip
FLOOR_WORK = (
    *SAME_WORK, "int_sessions_to_judge", "int_sessions_identified", "int_sessions_credited", "int_sessions_changed",
    "fct_sessions", "fct_web_events",
)  # fmt: skip
WEB_PART = (
    *FLOOR_WORK, "web_events", "int_web_events_sessionized", "int_web_orders_attributed", "int_carts_resolved",
    "fct_carts", "fct_touchpoints",
)  # fmt: skip
ENDS = ("fct_web_events", "fct_carts", "fct_touchpoints")
GROWN = ("marts.fct_web_events", "marts.fct_sessions", "marts.fct_carts", "marts.fct_touchpoints")
# pandas holds all rows in memory: it is compared at the largest size up to so many events.
PANDAS_EVENTS = 6_000_000

# Columns that ours and the floor both have.
SESSION_COLUMNS = (
    "session_id", "visitor_id", "contact_id", "source", "medium", "campaign", "keyword", "conversion_source",
    "conversion_medium", "conversion_campaign", "landing_page_url", "landing_page_type", "device", "country_code",
    "events", "page_views", "product_views", "cart_additions", "quote_requests", "duration_seconds", "engaged_seconds",
    "is_engaged", "is_robot", "started_on", "started_at", "ended_at",
)  # fmt: skip
EVENT_COLUMNS = (
    "event_id", "session_id", "visitor_id", "contact_id", "product_id", "cart_id", "order_id", "quote_id",
    "event_number", "event_name", "page_type", "page_url", "seconds_to_next_event", "engaged_ms", "load_time_ms",
    "occurred_on", "session_started_on", "occurred_at", "received_at",
)  # fmt: skip
FUNNEL_SQL = f"""
    select {", ".join(f"count(*) filter ({step}) as {step}" for step in FUNNEL)}
    from (
        select session_id, {", ".join(f"bool_or(event_name = '{step}') as {step}" for step in FUNNEL)}
        from marts.fct_web_events group by session_id
    )
"""


class Benchmark:
    """One run of all measurements in a folder of its own."""

    def __init__(self, folder: Path, events: int, days: tuple[int, ...], console: Console) -> None:
        """Names what is measured.

        Args:
            folder: raw lake and databases; some 500 bytes an event.
            events: web events of all days together.
            days: sizes, in days; one more day is added to each.
            console: where progress is told.
        """
        self.console = console
        self.workspace = Workspace("benchmark", open_workspace("demo_large").settings, folder / "lake")
        self.demo = Workspace("benchmark_demo", open_workspace("demo").settings, folder / "demo")
        self.floor_database = folder / "floor.duckdb"
        self.scratch = folder
        self.days = days
        self.events_per_day = max(1, events // days[-1])
        self.written = 0
        self.rows = 0
        self.traffic: Traffic | None = None

    def run(self, skip_readers: bool = False) -> dict[str, Any]:
        """Measures everything and returns the content of results.json."""
        self._write_company()
        sizes = [self._measure_size(days) for days in self.days]
        largest, smallest_day = sizes[-1], next((s for s in sizes if s["days"] >= 30), sizes[0])
        pandas = max((s for s in sizes if "pandas" in s), key=lambda s: s["events"], default=None)
        whole = self._measure_whole() if not skip_readers else {}
        overhead = self._measure_overhead()
        return {
            "full_build_over_floor": largest["floor_work_seconds"] / largest["floor"]["total_seconds"],
            "peak_memory_gb": max(size["peak_bytes"] for size in sizes) / 1e9,
            "growth_exponent": growth_exponent(
                [size["events"] for size in sizes], [size["web_part_seconds"] for size in sizes]
            ),
            "day_on_365_over_day_on_30": largest["day"]["web_part_seconds"] / smallest_day["day"]["web_part_seconds"],
            "day_over_full_build": largest["day"]["web_part_seconds"] / largest["web_part_seconds"],
            "polars_over_ours": largest["polars"]["seconds"] / largest["same_work_seconds"],
            "pandas_over_ours": pandas["pandas"]["seconds"] / pandas["same_work_seconds"] if pandas else None,
            "dbt_ms_per_node": overhead["ms_per_node"],
            "board_p95_ms": whole.get("readers", {}).get("eight", {}).get("warm_p95"),
            "events": largest["events"],
            "machine": _machine(),
            "sizes": sizes,
            "whole_build": whole,
            "dbt_overhead": overhead,
        }

    def _write_company(self) -> None:
        self._say("Writing the demo company")
        write_lake(self.workspace.raw_lake, 1)
        # its own web events are few and dirty: the floor and the peers read clean ones
        for file in (self.workspace.raw_lake / "demo_web" / "events").glob("part-*.parquet"):
            file.unlink()
        contacts = duckdb.connect().execute(
            f"select distinct contact_no from read_parquet('{self.workspace.raw_lake}/demo_crm/contacts/*.parquet')"
            " where contact_no is not null order by contact_no"
        )
        self.traffic = Traffic(self.events_per_day, self.days[-1], [row[0] for row in contacts.fetchall()])

    def _write_until(self, days: int) -> None:
        with Progress(console=self.console, transient=True) as progress:
            task = progress.add_task(f"Writing events of {days} days", total=days, completed=self.written)
            for rows in write_days(self.workspace.raw_lake, self.traffic, range(self.written, days)):
                self.rows += rows
                progress.advance(task)
        self.written = max(self.written, days)

    def _measure_size(self, days: int) -> dict[str, Any]:
        # the extra day of the size before is the next day of this one
        self._write_until(days)
        self._say(f"{days} days, {self.rows:,} events: full build")
        events = self.rows
        full = self._build(full=True)
        measured: dict[str, Any] = {
            "days": days,
            "events": events,
            "web_part_seconds": _sum(full, WEB_PART),
            "floor_work_seconds": _sum(full, FLOOR_WORK),
            "same_work_seconds": _sum(full, SAME_WORK) + self._seconds_of_funnel(),
            "peak_bytes": full.peak_bytes,
            "nodes": {name: round(full.nodes[name], 3) for name in WEB_PART if name in full.nodes},
        }
        measured["floor"] = self._measure_floor()
        for peer in ("polars", "pandas"):
            if peer == "polars" or events <= PANDAS_EVENTS:
                self._say(f"{days} days: {peer}")
                measured[peer] = self._measure_peer(peer)
        self._say(f"{days} days: one more day")
        self._write_until(days + 1)
        day = self._build(full=False)
        if not self._continued():
            raise WarehouseError("The extra day was not taken in as a batch, but built in full.")
        grown = content_of(self.workspace.working_database, GROWN)
        measured["day"] = {
            "events": self.rows - events,
            "web_part_seconds": _sum(day, WEB_PART),
            "command_seconds": day.seconds,
            "peak_bytes": day.peak_bytes,
            "nodes": {name: round(day.nodes[name], 3) for name in WEB_PART if name in day.nodes},
        }
        self._say(f"{days} days and one: full build, to compare")
        self._build(full=True)
        measured["day"]["equals_full_refresh"] = grown == content_of(self.workspace.working_database, GROWN)
        return measured

    def _build(self, full: bool) -> DbtRun:
        ends = [f"+{model}" for model in ENDS]
        return run_dbt_measured(self.workspace, ["run", "--select", *ends, *(["--full-refresh"] if full else [])])

    def _continued(self) -> bool:
        with duckdb.connect(str(self.workspace.working_database), read_only=True) as connection:
            return connection.execute("select is_batch from state.run").fetchone()[0]

    def _seconds_of_funnel(self) -> float:
        started = time.perf_counter()
        self._funnel()
        return time.perf_counter() - started

    def _funnel(self) -> dict[str, int]:
        with duckdb.connect(str(self.workspace.working_database), read_only=True) as connection:
            return dict(zip(FUNNEL, connection.execute(FUNNEL_SQL).fetchone(), strict=True))

    def _measure_floor(self) -> dict[str, Any]:
        self._say("The floor: the same by hand")
        measured = run_measured("floor", str(self.workspace.raw_lake), str(self.floor_database))
        measured["total_seconds"] = sum(measured["seconds"].values())
        with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(self.scratch / "tmp")}) as connection:
            connection.execute(f"attach '{self.workspace.working_database}' as ours (read_only)")
            connection.execute(f"attach '{self.floor_database}' as floor (read_only)")
            measured["equals_ours"] = all(
                _fingerprint(connection, f"ours.marts.{ours}", columns)
                == _fingerprint(connection, f"floor.main.{floor}", columns)
                for ours, floor, columns in (
                    ("fct_sessions", "session_facts", SESSION_COLUMNS),
                    ("fct_web_events", "event_facts", EVENT_COLUMNS),
                )
            )
        self.floor_database.unlink()
        return measured

    def _measure_peer(self, name: str) -> dict[str, Any]:
        file = self.scratch / f"{name}.parquet"
        measured = run_measured("peers", name, str(self.workspace.raw_lake), str(file))
        theirs = (
            "case when owner like 'event %' then null else 'demo_web:' || owner end, 'demo_web:' || first_event_id, "
            "cast(events as bigint), cast(page_views as bigint), cast(started_at as timestamp), "
            "cast(ended_at as timestamp)"
        )
        ours = "visitor_id, first_event_id, events, page_views, started_at, ended_at"
        with duckdb.connect(config={"memory_limit": "3GB", "temp_directory": str(self.scratch / "tmp")}) as connection:
            connection.execute(f"attach '{self.workspace.working_database}' as ours (read_only)")
            (differing,) = connection.execute(
                f"select count(*) from ((select {theirs} from '{file}' except all"
                f" select {ours} from ours.intermediate.int_web_sessions) union all"
                f" (select {ours} from ours.intermediate.int_web_sessions except all select {theirs} from '{file}'))"
            ).fetchone()
        measured["equals_ours"] = differing == 0 and measured["funnel"] == self._funnel()
        file.unlink()
        return measured

    def _measure_whole(self) -> dict[str, Any]:
        self._say("All models and the publication")
        models = run_dbt_measured(self.workspace, ["run", "--full-refresh"])
        tests = run_dbt_measured(self.workspace, ["test"], may_fail=True)
        started = time.perf_counter()
        published = publish(self.workspace)
        publish_seconds = time.perf_counter() - started
        self._say("Readers of the publication")
        return {
            "run_seconds": models.seconds,
            "run_engine_seconds": models.engine_seconds,
            "run_dbt_seconds": models.seconds - models.engine_seconds,
            "test_seconds": tests.seconds,
            "tests_failed": tests.failed,
            "publish_seconds": publish_seconds,
            "peak_bytes": max(models.peak_bytes, tests.peak_bytes),
            "publication_bytes": published.path.stat().st_size,
            "slowest_nodes": dict(sorted(models.nodes.items(), key=lambda item: -item[1])[:15]),
            "readers": {
                "one": readers(published.path, 1, 20),
                "eight": readers(published.path, 8, 20),
            },
        }

    def _measure_overhead(self) -> dict[str, Any]:
        self._say("dbt's overhead on the demo")
        run_dbt_measured(self.demo, ["parse"])
        start_up = run_dbt_measured(self.demo, ["run", "--select", "int_as_of", "--empty"], may_fail=True)
        built = run_dbt_measured(self.demo, ["build"], may_fail=True)
        overhead = built.seconds - built.engine_seconds - start_up.seconds
        return {
            "nodes": len(built.nodes),
            "seconds": built.seconds,
            "engine_seconds": built.engine_seconds,
            "start_up_seconds": start_up.seconds,
            "ms_per_node": 1000 * overhead / max(1, len(built.nodes)),
            "failed": built.failed,
        }

    def _say(self, text: str) -> None:
        self.console.print(f"[dim]{text}[/dim]")


def _sum(run: DbtRun, models: tuple[str, ...]) -> float:
    return sum(run.nodes.get(name, 0.0) for name in models)


def _fingerprint(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> tuple[int, int]:
    return connection.execute(
        f"select count(*), coalesce(sum(cast(hash(row({', '.join(columns)})) as hugeint)), 0) from {table}"
    ).fetchone()


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb", "polars", "pandas")},
    }


def benchmark(
    folder: Path, events: int, days: tuple[int, ...], console: Console, keep: bool, skip_readers: bool = False
) -> dict[str, Any]:
    """Runs the benchmark and removes what it wrote, unless it is to be kept."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise WarehouseError(f"{folder} is not empty: the benchmark writes to a folder of its own.")
    try:
        return Benchmark(folder, events, days, console).run(skip_readers)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
