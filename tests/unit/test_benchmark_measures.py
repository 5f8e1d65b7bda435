"""The arithmetic of the benchmark, against numbers worked out by hand, and what it refuses to measure."""

import json
import shutil
import sys
from collections import namedtuple
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console
from warehouse.benchmark import run
from warehouse.benchmark.compare import compare, differing
from warehouse.benchmark.explain import operators
from warehouse.benchmark.measure import covered, growth_exponent, percentile, run_measured, statements
from warehouse.benchmark.report import TARGETS, write_results
from warehouse.benchmark.run import Benchmark, Plan, benchmark, ratios
from warehouse.benchmark.web_part import web_part_of
from warehouse.errors import WarehouseError
from warehouse.workspace import workspace_names


def test_growth_is_the_slope_of_logarithms() -> None:
    assert growth_exponent([1, 10, 100], [2, 20, 200]) == pytest.approx(1.0)
    assert growth_exponent([1, 10, 100], [3, 300, 30_000]) == pytest.approx(2.0)
    # logarithms 0, 1, 2 and 0, 1, 1: deviations -1, 0, 1 and -2/3, 1/3, 1/3, so (2/3 + 1/3) / 2
    assert growth_exponent([1, 10, 100], [1, 10, 10]) == pytest.approx(0.5)
    assert growth_exponent([5, 5], [1, 2]) is None


def test_a_percentile_is_the_value_of_the_nearest_rank() -> None:
    values = [50, 10, 40, 20, 30]
    # ranks 0.5 * 5 = 2.5 -> 3, 0.4 * 5 = 2, 0.95 * 5 = 4.75 -> 5
    assert [percentile(values, share) for share in (0.5, 0.4, 0.95, 1.0, 0.0)] == [30, 20, 50, 50, 10]
    # of 1 to 100 the 95th is 95
    assert percentile(range(1, 101), 0.95) == 95


def test_time_that_two_statements_share_counts_once() -> None:
    # 0-2 and 1-3 cover three seconds, 5-6 one, and of 9-12 one lies before the end
    assert covered([(5, 6), (0, 2), (1, 3), (9, 12)], 0, 10) == 5
    # one that encloses another; and what began before the first node
    assert covered([(0, 10), (2, 3)], 4, 20) == 6
    assert covered([], 0, 10) == 0


def test_statements_are_read_from_the_log() -> None:
    def line(name: str, **data: object) -> str:
        return json.dumps({"info": {"name": name, "ts": "2026-01-01T00:00:10.500000Z"}, "data": data})

    found = statements([line("NodeStart"), line("SQLQueryStatus", elapsed=0.5), "no JSON at all"])
    ((begin, end),) = found
    assert end - begin == pytest.approx(0.5)


def test_the_web_part_lies_between_the_raw_events_and_the_facts() -> None:
    edges = {
        "source.p.demo_web.events": ["model.p.staged"],
        "source.p.demo_shop.orders": ["model.p.int_orders"],
        "model.p.staged": ["model.p.int_web", "model.p.int_as_of"],
        # all the company depends on the day, and is not of the web
        "model.p.int_as_of": ["model.p.int_orders", "model.p.fct_sessions"],
        "model.p.int_orders": ["model.p.fct_sessions"],
        "model.p.int_web": ["model.p.fct_sessions", "model.p.fct_carts", "test.p.unique_int_web", "model.p.kpi"],
        "model.p.fct_sessions": ["model.p.fct_web_events", "model.p.fct_touchpoints"],
    }
    nodes = {node for children in edges.values() for node in children}
    parents: dict[str, list[str]] = {}
    for parent, children in edges.items():
        for child in children:
            parents.setdefault(child, []).append(parent)
    sources = {node: {} for node in edges if node.startswith("source.")}
    part = web_part_of(
        {"nodes": dict.fromkeys(nodes), "sources": sources, "child_map": edges, "parent_map": parents}
    )  # fmt: skip
    facts = ("fct_carts", "fct_sessions", "fct_touchpoints", "fct_web_events")
    assert part.models == (*facts, "int_as_of", "int_web", "staged")
    assert part.sessions_and_events == ("fct_sessions", "fct_web_events", "int_as_of", "int_web", "staged")


def size(days: int, events: int, full: float, day: float, **peers: float) -> dict[str, Any]:
    """What is measured of a size, as far as ratios need it: its part of ours is half, the floor a quarter."""
    return {
        "days": days,
        "events": events,
        "full": {"seconds": full, "sessions_and_events_seconds": full / 2},
        "floor": {"seconds": full / 4},
        "day": {"seconds": day, "full_refresh": {"events": events, "seconds": full}},
        **{name: {"seconds": seconds} for name, seconds in peers.items()},
    }


def test_ratios() -> None:
    sizes = [
        size(7, 100, 1.0, 0.9, polars=1.0, pandas=3.0),
        size(30, 1000, 10.0, 0.5, polars=4.0, pandas=20.0),
        size(365, 10_000, 100.0, 1.0, polars=75.0),
    ]
    assert ratios(sizes) == {
        "full_build_over_floor": 4.0,
        "growth_exponent": pytest.approx(1.0),
        "day_on_365_over_day_on_30": 2.0,
        "day_over_full_build": 0.01,
        # 75 / (100 / 2), and pandas at the largest size it was given, 20 / (10 / 2)
        "polars_over_ours": 1.5,
        "pandas_over_ours": 4.0,
    }
    only = ratios(sizes[:1])
    assert only["day_on_365_over_day_on_30"] is None and only["growth_exponent"] is None


def test_memory_is_that_of_a_process_with_its_children() -> None:
    megabytes = 150
    block = f"held = bytearray({megabytes} * 2**20); time.sleep(1.5)"
    parent = (
        f"import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; {block}']); "
        f"{block}; child.wait(); print('done')"
    )
    finished = run_measured([sys.executable, "-c", parent])
    assert (finished.status, finished.output) == (0, "done\n")
    assert finished.seconds > 1.5
    least = 2 * megabytes if sys.platform == "linux" else megabytes
    assert least * 2**20 <= finished.peak_bytes < 3 * megabytes * 2**20


def test_rows_that_differ_are_named() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table ours as select range as id, 2 * range as twice from range(5)")
        # the same rows in another order and as another type
        connection.execute(
            "create table theirs as select cast(twice as integer) as twice, id from ours order by id desc"
        )
        compare(connection, "numbers", "ours", "theirs")
        connection.execute("update theirs set twice = 7 where id = 3")
        with pytest.raises(WarehouseError) as caught:
            compare(connection, "numbers", "ours", "theirs")
        assert "numbers" in str(caught.value)
        assert "only ours: {'id': 3, 'twice': 6}" in str(caught.value)
        assert "only theirs: {'id': 3, 'twice': 7}" in str(caught.value)
        # a row twice on one side
        connection.execute(
            "update theirs set twice = 6 where id = 3; insert into theirs select * from theirs where id = 1"
        )
        with pytest.raises(WarehouseError, match=r"only theirs: \{'id': 1, 'twice': 2\}"):
            compare(connection, "numbers", "ours", "theirs")
    assert differing({"a": (1, 2), "b": (1, 2)}, {"a": (1, 2), "b": (1, 3)}) == ["b"]


def test_a_plan_is_read_to_its_leaves() -> None:
    with duckdb.connect() as connection:
        (_, plan) = connection.execute(
            "explain (analyze, format json) select range % 7 as n, count(*) from range(100_000) group by n"
        ).fetchone()
    found = list(operators(json.loads(plan)))
    assert any("GROUP_BY" in operator["operator"] and operator["rows"] == 7 for operator in found)
    assert any(operator["rows"] == 100_000 for operator in found)
    assert all(operator["seconds"] >= 0 for operator in found)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(1000), "2 a day"),
        (Plan(1_000_000, (7, 9)), "fewer --turns"),
        (Plan(1_000_000, ()), "sizes in days"),
    ],
)
def test_what_cannot_be_measured_is_said(plan: Plan, said: str) -> None:
    with pytest.raises(WarehouseError, match=said):
        plan.check()


@pytest.mark.parametrize("module", ["after_dbt", "explain", "floor", "peers"])
def test_what_runs_in_a_process_of_its_own_is_found_there(module: str) -> None:
    assert callable(getattr(import_module(f"warehouse.benchmark.{module}"), "run" if module == "floor" else "main"))


SMALL = Plan(10_000, (3, 8), turns=1)


def test_a_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_DATA", str(tmp_path))
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(WarehouseError, match=r"0\.0 GB free"):
        benchmark(SMALL, Console())
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_stopped_run_leaves_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DATA", str(tmp_path))

    def stop(measured: Benchmark) -> None:
        measured.workspace.raw_lake.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(Benchmark, "run", stop)
    with pytest.raises(WarehouseError, match="Stopped"):
        benchmark(SMALL, Console())
    assert sorted(path.name for path in (tmp_path / "benchmark").iterdir()) == ["lock", "runs.json"]


def test_a_run_that_fails_late_keeps_the_sizes_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DATA", str(tmp_path))

    def fail(measured: Benchmark) -> None:
        raise WarehouseError("no room")

    monkeypatch.setattr(Benchmark, "_build_company", lambda measured: None)
    monkeypatch.setattr(Benchmark, "_measure_size", lambda measured, days: {"days": days})
    monkeypatch.setattr(Benchmark, "_profile_slowest", lambda measured, size: fail(measured))
    kept = tmp_path / "benchmark" / "measured.json"
    with pytest.raises(WarehouseError, match="no room") as caught:
        benchmark(SMALL, Console())
    assert str(kept) in str(caught.value)
    assert json.loads(kept.read_text(encoding="utf-8")) == [{"days": 3}, {"days": 8}]


def test_the_folder_of_a_workspace_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_DATA", str(tmp_path))
    precious = tmp_path / "benchmark" / "raw" / "precious.parquet"
    precious.parent.mkdir(parents=True)
    precious.touch()
    monkeypatch.setattr(run, "workspace_names", lambda: [*workspace_names(), "benchmark"])
    with pytest.raises(WarehouseError, match="your workspace 'benchmark'"):
        benchmark(SMALL, Console())
    assert precious.exists()


def test_results_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    measured = {
        **size(365, 10_000, 100.0, 1.0, polars=75.0), "raw_bytes": 10**9, "working_database_bytes": 2 * 10**9,
    }  # fmt: skip
    for part in ("full", "day", "floor", "polars"):
        measured[part]["peak_bytes"] = 10**9
    measured["full"]["nodes"] = {"fct_sessions": 60.0, "staged": 40.0}
    measured["day"] |= {"nodes": {"fct_sessions": 0.25}, "events": 27}
    measured["floor"]["statements"] = {"read": 20.0, "place": 5.0}
    operator = {"operator": "WINDOW", "seconds": 1.5, "rows": 12_345, "what": "a | b"}
    results = {
        **dict.fromkeys(TARGETS, None), "full_build_over_floor": 4.04, "polars_over_ours": 1.5, "events": 10_000,
        "machine": {
            "processors": 2, "processor": "x", "memory_gb": 8, "system": "s", "python": "3", "load_before": 0.0,
            "load_after": 1.0, "packages": {"duckdb": "2"},
        },
        "plan": {"events": 10_000, "days": (365,), "turns": 3},
        "sizes": [measured],
        "slowest_model": {
            "model": "fct_sessions", "seconds": 60.0, "seconds_of_all_threads": 90.0, "operators": [operator],
        },
        "whole_build": None,
        "dbt_overhead": None,
    }  # fmt: skip
    (tmp_path / "notes.md").write_text("## What was tried\n", encoding="utf-8")
    page, numbers = write_results(results, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "| full build of the web part over the floor | 4.04 | ≤ 1.5 | **no** |" in text
    assert "| Polars over ours | 1.5 | > 1 | yes |" in text
    assert "| pandas over ours | not measured |" in text
    assert "| `fct_sessions` | 60.00 | 60% | 0.25 |" in text
    assert "12,345" in text and r"a \| b" in text
    assert text.endswith("## What was tried\n")
    assert json.loads(numbers.read_text(encoding="utf-8"))["events"] == 10_000
    before = page.read_bytes() + numbers.read_bytes()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results({**results, "events": 11_000, "peak_memory_gb": float("nan")}, tmp_path)
    assert page.read_bytes() + numbers.read_bytes() == before
