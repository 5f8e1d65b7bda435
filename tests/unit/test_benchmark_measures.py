"""The arithmetic of the benchmark and its peers, against numbers and rows worked out by hand, and what it refuses."""

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console
from warehouse.benchmark import run
from warehouse.benchmark.compare import compare, differing
from warehouse.benchmark.events import TABLE
from warehouse.benchmark.explain import operators
from warehouse.benchmark.measure import covered, failures, growth_exponent, percentile, run_measured, statements
from warehouse.benchmark.peers import COMPANY, FILES
from warehouse.benchmark.report import TARGETS, write_results
from warehouse.benchmark.run import Benchmark, Plan, benchmark, ratios
from warehouse.benchmark.web_part import web_part_of
from warehouse.demo.tables import COLUMNS
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


def test_what_dbt_said_of_a_failure_is_kept() -> None:
    def node(name: str, status: str, message: str | None) -> dict[str, Any]:
        return {"unique_id": f"model.p.{name}", "status": status, "message": message}

    found = failures(
        [
            node("stg_a", "success", "OK"),
            node("kpi_b", "error", "Runtime Error in model kpi_b\n  Out of Memory Error: 3.7 GiB used"),
            node("unique_c", "fail", "Got 2 results, configured to fail if != 0"),
            node("kpi_d", "skipped", None),
            node("kpi_e", "error", None),
        ]
    )
    assert found == {
        "kpi_b": "Runtime Error in model kpi_b Out of Memory Error: 3.7 GiB used",
        "unique_c": "Got 2 results, configured to fail if != 0",
        "kpi_e": "dbt said nothing",
    }


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


def test_of_dbts_own_time_the_middle_turn_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([31.0, 19.5, 22.0])
    monkeypatch.setattr(run, "run_dbt", lambda *arguments: 0)
    monkeypatch.setattr(run, "_overhead", lambda *arguments: {"ms_per_node": next(turns)})
    demo: Any = None
    assert run.overhead(demo) == {"ms_per_node": 22.0, "all_ms_per_node": [19.5, 22.0, 31.0]}


def test_memory_is_that_of_a_process_with_its_children() -> None:
    megabytes = 150
    block = f"held = bytearray({megabytes} * 2**20); time.sleep(1.5)"
    parent = (
        f"import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; {block}']); "
        f"{block}; child.wait(); print('done')"
    )
    # what the one who measures holds does not count
    held_here = b"x" * (4 * megabytes * 2**20)
    finished = run_measured([sys.executable, "-c", parent])
    assert len(held_here) > 0
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
        (Plan(1_000_000, (7, 9)), "other sizes"),
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
        "whole_build": {
            "nodes": 900, "dbt_command_seconds": 300.0, "engine_seconds": 250.0, "dbt_seconds": 40.0,
            "start_up_seconds": 10.0, "metrics_seconds": 1.0, "audit_seconds": 2.0, "publish_seconds": 3.0,
            "publication_bytes": 10**9, "peak_bytes": 10**9, "failed": {"kpi_b": "Out of Memory Error"},
            "audit_failed": [], "readers": [], "slowest_query": {"name": "orders", "warm_ms": 9.0},
        },
        "dbt_overhead": {
            "nodes": 800, "seconds": 50.0, "engine_seconds": 20.0, "dbt_seconds": 18.0, "start_up_seconds": 12.0,
            "ms_per_node": 22.5, "all_ms_per_node": [19.75, 22.5, 31.0], "failed": {},
        },
    }  # fmt: skip
    (tmp_path / "notes.md").write_text("## What was tried\n", encoding="utf-8")
    page, numbers = write_results(results, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "| full build of the web part over the floor | 4.04 | ≤ 1.5 | **no** |" in text
    assert "| Polars over ours | 1.5 | > 1 | yes |" in text
    assert "| pandas over ours | not measured |" in text
    assert "| `fct_sessions` | 60.00 | 60% | 0.25 |" in text
    assert "\n- `kpi_b`: Out of Memory Error\n" in text
    assert "dbt took 19.8, 22.5, 31.0 ms a node." in text
    assert "12,345" in text and r"a \| b" in text
    assert text.endswith("## What was tried\n")
    assert json.loads(numbers.read_text(encoding="utf-8"))["events"] == 10_000
    before = page.read_bytes() + numbers.read_bytes()
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results({**results, "events": 11_000, "peak_memory_gb": float("nan")}, tmp_path)
    assert page.read_bytes() + numbers.read_bytes() == before


LOADED, RELOADED = "2026-03-03 00:00:00", "2026-03-04 00:00:00"
VIEW = {
    "visitor_id": "v1", "event": "page_view", "page_kind": "home", "path": "/", "occurred": "2026-03-01T23:50:00.900Z",
}  # fmt: skip
LATER_VIEW = VIEW | {
    "event_id": "e3", "occurred": "2026-03-02 00:49:00", "path": "/?utm_source=News%20A&utm_medium=Mail",
}  # fmt: skip
PURCHASE = VIEW | {
    "event_id": "e2", "event": "purchase", "occurred": "2026-03-02T02:19:00+02:00", "contact_no": "c1",
    "order_no": "o1",
}  # fmt: skip
RAW_EVENTS: list[tuple[str, dict[str, str | None]]] = [
    # 1: with blanks, one of them a no-break space; a later load brings another page, which holds
    (LOADED, VIEW | {"event_id": " e1\u00a0", "path": "/old"}),
    (
        RELOADED,
        VIEW | {"event_id": "e1", "referrer": "https://www.google.com/", "country": "pl", "engaged_ms": "2500.0"},
    ),
    # 3: 29 minutes later, by a time with an offset
    (LOADED, PURCHASE),
    # 4: of the same load the first holds; the same once more is no fault, another content is
    (LOADED, LATER_VIEW),
    (LOADED, LATER_VIEW),
    (LOADED, LATER_VIEW | {"path": "/other"}),
    # 7: a robot without consent
    (LOADED, VIEW | {"event_id": "e4", "visitor_id": None, "user_agent": "Some Crawler", "path": "/?gclid=x"}),
    # 8: mended by the later load
    (LOADED, VIEW | {"event_id": "e5", "load_ms": "quick"}),
    (RELOADED, VIEW | {"event_id": "e5", "load_ms": "12", "visitor_id": "v2"}),
    # 10 and on: what is set aside
    (LOADED, VIEW | {"event_id": "f1", "engaged_ms": "many", "is_bot": "maybe"}),
    (LOADED, VIEW | {"event_id": "f2", "engaged_ms": "1.5"}),
    (LOADED, VIEW | {"event_id": "\u200b"}),
    (LOADED, VIEW | {"event_id": "#N/A"}),
    (LOADED, VIEW | {"event_id": "f3", "visitor_id": "4.7E+11"}),
    (LOADED, VIEW | {"event_id": "f4", "occurred": "soon"}),
    (LOADED, VIEW | {"event_id": "f5", "occurred": None}),
    (LOADED, VIEW | {"event_id": "f6", "occurred": "1970-01-01T00:00:00Z"}),
    (LOADED, VIEW | {"event_id": "f7", "occurred": "2026-03-05T00:00:01Z"}),
    (LOADED, VIEW | {"event_id": "f8", "event": "  "}),
]
SET_ASIDE = {
    6: "repeated_key: event_id",
    10: "untypable_value: engaged_ms; untypable_value: is_bot",
    11: "untypable_value: engaged_ms",
    12: "missing_value: event_id is empty",
    13: "untypable_value: event_id",
    14: "untypable_value: visitor_id",
    15: "untypable_value: occurred_at",
    16: "missing_value: occurred_at is empty",
    17: "implausible_date: occurred_at",
    18: "implausible_date: occurred_at",
    19: "missing_value: event_name is empty",
}


@pytest.mark.parametrize("peer", ["polars", "pandas"])
def test_peers_check_every_row_and_write_whole_facts(peer: str, tmp_path: Path) -> None:
    folder = tmp_path / "raw" / TABLE[0] / TABLE[1]
    folder.mkdir(parents=True)
    names = COLUMNS[TABLE]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table raw ({', '.join(f'{name} varchar' for name in names)}, _source_file varchar,"
            " _row_number bigint, _loaded_at timestamp, _batch_id varchar)"
        )
        for number, (loaded_at, event) in enumerate(RAW_EVENTS, start=1):
            connection.execute(
                f"insert into raw values ({', '.join('?' * (len(names) + 4))})",
                [*map(event.get, names), "events.csv", number, loaded_at, f"batch {loaded_at}"],
            )
        connection.execute(f"copy raw to '{folder / 'day.parquet'}' (format parquet)")
    with duckdb.connect(str(tmp_path / "company.duckdb")) as connection:
        types = {str: "varchar", float: "decimal(18, 4)", date: "date", datetime: "timestamp"}
        for table, columns in COMPANY.items():
            names_and_types = (f"{name} {types[kind]}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({', '.join(names_and_types)})")
        connection.execute("""
            insert into people values ('demo_crm:c1', 'a1');
            insert into test_people values ('demo_crm:c9');
            insert into account_periods values
                ('a1', 'p1', '2025-01-01', '2026-03-02'), ('a1', 'p2', '2026-03-02', '9999-12-31');
            insert into web_orders values
                ('demo_shop:o1', null, '2026-03-02 00:19:30', 10.5),
                ('demo_shop:o2', 'demo_web:v2', '2026-03-02 00:20:00', 0.25),
                ('demo_shop:o3', 'demo_web:v2', '2026-03-02 00:20:01', 7);
            insert into last_order values ('2026-03-02');
        """)
    process = subprocess.run(
        [
            sys.executable, "-m", "warehouse.benchmark.peers",
            peer, tmp_path / "raw", tmp_path / "company.duckdb", tmp_path,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout.splitlines()[-1])["funnel"] == {
        "product_view": 0, "add_to_cart": 0, "checkout_start": 0, "purchase": 1,
    }  # fmt: skip
    with duckdb.connect() as connection:
        written = {name: f"read_parquet('{tmp_path / file}')" for name, file in FILES.items()}

        def rows(query: str) -> list[tuple[Any, ...]]:
            return connection.execute(query.format(**written)).fetchall()

        assert dict(rows("select _row_number, rejection from {rejected_rows}")) == SET_ASIDE
        assert rows("select _source_file, engaged_ms from {rejected_rows} where _row_number = 10") == [
            ("events.csv", "many")
        ]
        events = rows(
            "select event_id, page_url, event_number, seconds_to_next_event, engaged_ms, account_id, is_valid,"
            " cast(occurred_at as varchar), cast(occurred_on as date) = date '2026-03-02' from {fct_web_events}"
            " order by all"
        )
        # Warsaw is an hour ahead; from 23:50:00.9 to 00:19:00 are 1740 whole seconds; e3 comes 30 minutes later
        assert events == [
            ("demo_web:e1", "/", 1, 1740, 2500, "a1", True, "2026-03-01 23:50:00.9", True),
            ("demo_web:e2", "/", 2, None, None, "a1", True, "2026-03-02 00:19:00", True),
            ("demo_web:e3", LATER_VIEW["path"], 3, None, None, "a1", True, "2026-03-02 00:49:00", True),
            ("demo_web:e4", "/?gclid=x", 1, None, None, None, False, "2026-03-01 23:50:00.9", True),
            ("demo_web:e5", "/", 1, None, None, None, True, "2026-03-01 23:50:00.9", True),
        ]
        sessions = rows(
            "select visitor_id, source, medium, conversion_source, identified_by, account_period_id, country_code,"
            " cast(orders as bigint), cast(cast(net_amount as decimal(18, 2)) as varchar),"
            " session_id = md5(coalesce(visitor_id, 'event demo_web:e4') || '|' || first_event_id)"
            " from {fct_sessions} inner join"
            " (select session_id, min(event_id) as first_event_id from {fct_web_events} group by all)"
            " using (session_id) order by all"
        )
        # an order a second after the session of v2 could still have been open is not of it
        assert sessions == [
            ("demo_web:v1", "google", "organic", "google", "login", "p2", "PL", 1, "10.50", True),
            ("demo_web:v1", "news a", "mail", "news a", "earlier_login", "p2", None, 0, "0.00", True),
            ("demo_web:v2", None, None, None, None, None, None, 1, "0.25", True),
            (None, "google", "cpc", "google", None, None, None, 0, "0.00", True),
        ]
