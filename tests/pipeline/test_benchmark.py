"""`warehouse benchmark` at the smallest scale: it runs, compares like with like, and writes what it promises."""

import json
import math
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from command_line import WAREHOUSE
from warehouse.benchmark.compare import floor_has_the_same_rows
from warehouse.errors import WarehouseError
from warehouse.workspace import Workspace, open_workspace

KEYS = {
    "full_build_over_floor", "peak_memory_gb", "growth_exponent", "day_on_365_over_day_on_30", "day_over_full_build",
    "polars_over_ours", "pandas_over_ours", "dbt_ms_per_node", "board_p95_ms", "events",
}  # fmt: skip
# What takes longest is measured apart (tests/pipeline/test_benchmark_parts.py); a single size has no other beside it.
NOT_MEASURED = {"dbt_ms_per_node", "board_p95_ms", "day_on_365_over_day_on_30"}


@dataclass(frozen=True)
class Run:
    """A run of the command, whose folder was kept."""

    data: Path
    output: str
    results: dict[str, Any]
    page: str

    @property
    def workspace(self) -> Workspace:
        """The benchmark's own."""
        return Workspace("benchmark", open_workspace("demo_large").settings, self.data / "benchmark")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("benchmark")
    users = folder / "data" / "demo_large" / "raw" / "precious.parquet"
    users.parent.mkdir(parents=True)
    users.touch()
    process = subprocess.run(
        [
            WAREHOUSE, "benchmark", "--events", "4000", "--days", "5", "--turns", "1", "--scale", "0.2",
            "--skip-readers", "--skip-demo", "--keep", "--output", folder / "results",
        ],
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "WAREHOUSE_DATA": str(folder / "data")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    results = json.loads((folder / "results" / "results.json").read_text(encoding="utf-8"))
    page = (folder / "results" / "results.md").read_text(encoding="utf-8")
    return Run(folder / "data", process.stdout, results, page)


def test_the_results_have_the_keys_as_numbers(run: Run) -> None:
    assert set(run.results) >= KEYS
    assert {key for key in KEYS if run.results[key] is None} == NOT_MEASURED
    assert all(math.isfinite(run.results[key]) for key in KEYS - NOT_MEASURED)
    assert all(run.results[key] > 0 for key in KEYS - NOT_MEASURED - {"growth_exponent"})


def test_the_command_tells_each_step_and_what_it_wrote(run: Run) -> None:
    (last,) = [line for line in run.output.splitlines() if "Profile of" in line]
    done, total = last.split("]")[0].removeprefix("[").split("/")
    assert done == total
    assert "full build of the web part" in run.output
    assert f"Wrote {run.data.parent / 'results' / 'results.md'}" in run.output
    assert "of 5 days" in run.page and "## What limits us now" in run.page


def test_polars_and_pandas_count_the_same_funnel(run: Run) -> None:
    (size,) = run.results["sizes"]
    assert 3_000 < size["events"] == run.results["events"] < 5_000
    assert size["polars"]["funnel"] == size["pandas"]["funnel"]
    # each step is one of the step before, in nearly all visits
    counts = list(size["polars"]["funnel"].values())
    assert counts == sorted(counts, reverse=True) and counts[0] > 100


def test_three_more_days_arrived_one_at_a_time(run: Run) -> None:
    (size,) = run.results["sizes"]
    assert size["day"]["equals_full_refresh"]
    files = sorted((run.workspace.raw_lake / "demo_web" / "events").glob("*.parquet"))
    assert [file.stem for file in files] == [f"day-{number:05d}" for number in range(8)]
    arrived = [len(duckdb.read_parquet(str(file)).fetchall()) for file in files[-3:]]
    assert size["day"]["full_refresh"]["events"] == size["events"] + sum(arrived)
    assert size["day"]["events"] == sorted(arrived)[1]
    assert size["day"]["seconds"] == sorted(size["day"]["all_seconds"])[1]
    with duckdb.connect(str(run.workspace.working_database), read_only=True) as connection:
        (rows, twice) = connection.execute(
            "select (select count(*) from marts.fct_web_events),"
            " (select count(*) from raw_demo_web.events) - (select count(distinct event_id) from raw_demo_web.events)"
        ).fetchone()
    # some were sent twice, on two days
    assert twice > 0
    assert rows == size["day"]["full_refresh"]["events"] - twice


def test_a_wrong_row_in_the_floor_fails_the_command(run: Run, tmp_path: Path) -> None:
    # the floor was measured before the extra day: on its files it is right
    floor = run.data / "benchmark" / "floor.duckdb"
    with pytest.raises(WarehouseError, match="only ours"):
        floor_has_the_same_rows(run.workspace, floor)
    right = tmp_path / "right.duckdb"
    with duckdb.connect(str(right)) as connection:
        connection.execute(f"attach '{run.workspace.working_database}' as ours (read_only)")
        for fact in ("fct_sessions", "fct_web_events", "fct_carts", "fct_touchpoints"):
            connection.execute(f"create table {fact} as from ours.marts.{fact}")
    floor_has_the_same_rows(run.workspace, right)
    with duckdb.connect(str(right)) as connection:
        (planted,) = connection.execute(
            "update fct_sessions set page_views = page_views + 1"
            " where session_id = (select max(session_id) from fct_sessions) returning session_id"
        ).fetchone()
    with pytest.raises(WarehouseError, match=f"(?s)fct_sessions.*only ours: .*{planted}.*only theirs: .*{planted}"):
        floor_has_the_same_rows(run.workspace, right)


def test_the_users_workspaces_are_left_alone(run: Run) -> None:
    assert sorted(path.name for path in run.data.iterdir()) == ["benchmark", "demo_large"]
    assert [path.name for path in (run.data / "demo_large").rglob("*")] == ["raw", "precious.parquet"]
